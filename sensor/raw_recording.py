"""A recording of packets as samples: through the same decoder, clock and order as live."""

from collections import Counter
from collections.abc import Iterable, Iterator

from sensor.checks import RecordingError
from sensor.closing import Closing
from sensor.faults import Faults
from sensor.link import SensorError
from sensor.raw import RawReader
from sensor.records import End, Note, Packet, Record
from sensor.samples import Moment, SampleBlock, joined
from sensor.stream import Stream

_TOGETHER = 256  # packets: more are no quicker


class RawRecording(Closing):
    """One hiprep-raw/1 recording, read once from its beginning, in constant memory.

    name, meta, progress: as of `sensor.recording.Recording`. stream: what is known of the sensor
    so far. skipped: reason -> what was passed over in the file and in its packets.
    """

    def __init__(self, reader: RawReader, faults: Faults | None = None) -> None:
        self.name = reader.name
        self.meta = reader.meta
        self.stream = Stream()
        self._reader = reader
        self._faults = faults

    def close(self) -> None:
        """Close the file; standard input stays open."""
        self._reader.close()

    @property
    def progress(self) -> float | None:
        """Part of the file's bytes read, 0 to 1; None where its size is not known."""
        return self._reader.progress

    @property
    def skipped(self) -> Counter[str]:
        """What was passed over, filled while the samples are read."""
        return self._reader.skipped + self.stream.skipped

    def moments(self, samples: int = 1) -> Iterator[Moment]:
        """All samples and ticks as they came, in blocks of at least so many; the end last.

        Can be read only once. RecordingError if there is not one sample, or none that can be
        understood here.
        """
        waiting: list[Moment] = []
        held = 0  # samples in them
        for moment in self._as_they_came(min(samples, _TOGETHER)):
            fresh = len(moment.block)
            if fresh:
                waiting.append(moment)
                held += fresh
            if waiting and (held >= samples or not fresh):
                yield _merged(waiting)
                waiting, held = [], 0
            if not fresh:
                yield moment
        if waiting:
            yield _merged(waiting)
        if not self.stream.samples:
            raise RecordingError(f"{self.name}: holds no samples: record it again")

    def blocks(self, samples: int = 1000) -> Iterator[SampleBlock]:
        """All samples, in blocks of about so many."""
        return (one.block for one in self.moments(samples) if len(one.block))

    def _as_they_came(self, most: int) -> Iterator[Moment]:
        """A moment of each record, but of up to so many packets in a row."""
        records = self._reader.records()
        for record in _together(self._faults.records(records) if self._faults else records, most):
            try:
                moment = self.stream.moment(record)
            except (ValueError, SensorError) as error:
                raise RecordingError(f"{self.name}: {error}: update hiprep") from error
            if moment.tick or len(moment.block) or isinstance(record, Note | End):
                yield moment


def _together(records: Iterable[Record], most: int) -> Iterator[Record | list[Packet]]:
    """The same records, up to so many packets in a row as one."""
    packets: list[Packet] = []
    for record in records:
        if isinstance(record, Packet):
            packets.append(record)
            if len(packets) < most:
                continue
        if packets:
            yield packets
            packets = []
        if not isinstance(record, Packet):
            yield record
    if packets:
        yield packets


def _merged(moments: list[Moment]) -> Moment:
    return Moment(moments[-1].at_s, joined([moment.block for moment in moments]))
