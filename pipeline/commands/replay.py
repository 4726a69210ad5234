"""``hiprep replay``: a recording, again."""

import argparse
import json
import re
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import Progress

from pipeline import exercises
from pipeline.commands import INTERRUPTED, CommandError
from pipeline.display import footnotes, line, replay_view
from pipeline.events import Event, to_json
from pipeline.replay import ARCHIVE_SAMPLES, LIVE_SAMPLES, FinalOrder, published
from pipeline.report import Settings
from pipeline.tracker import Tracker
from sensor.recording import Recording, RecordingError, open_recording
from sensor.samples import SampleBlock

_PROGRESS_AFTER_S = 1.0


def run(args: argparse.Namespace) -> int:
    """Replay one recording: JSON lines, lines for people or tables; and a plot."""
    if args.plot and not args.plot.parent.is_dir():
        raise CommandError(f"cannot write {args.plot}: there is no folder {args.plot.parent}")
    try:
        with open_recording(args.recording) as recording:
            if args.plot:
                return _replay_with_plot(recording, args)
            return _replay(recording, recording.blocks(_block_samples(args)), args)[1]
    except RecordingError as error:
        raise CommandError(str(error)) from error


def _replay_with_plot(recording: Recording, args: argparse.Namespace) -> int:
    # Matplotlib alone takes longer to import than an hour of samples to replay.
    from pipeline.plot import Trace, draw  # noqa: PLC0415

    trace = Trace()
    blocks = trace.watch(recording.blocks(_block_samples(args)))
    finals, code = _replay(recording, blocks, args)
    try:
        draw(args.plot, trace, finals, title=Path(args.recording).name)
    except OSError as error:
        raise CommandError(f"cannot write {args.plot}: {error.strerror}") from error
    print(f"hiprep: wrote {args.plot}", file=sys.stderr)
    return code


def _replay(
    recording: Recording, blocks: Iterable[SampleBlock], args: argparse.Namespace
) -> tuple[list[Event], int]:
    """Write everything but the plot; the final events if it or a table needs them, exit code."""
    tracker = Tracker(
        exercises.load(args.exercise),
        sensor=_id_part(recording.meta.get("sensor", "sensor")),
        session=_id_part(recording.meta.get("session", "session")),
        settings=Settings(set_timeout_s=args.set_timeout, min_reps=args.min_reps),
    )
    order = FinalOrder()
    finals: list[Event] = []
    code = 0

    def settle(events: Sequence[Event]) -> None:
        if args.json and not args.live:
            for event in events:
                print(json.dumps(to_json(event)))
        if args.plot or not args.json:
            finals.extend(events)

    with _ProgressBar(recording, hidden=args.json or args.live) as bar:
        try:
            for at_s, event in published(bar.watch(blocks), tracker):
                if args.live:
                    _write_published(event, at_s, as_json=args.json)
                settle(order.add(event))
        except KeyboardInterrupt:
            code = INTERRUPTED
    settle(order.rest())
    _conclude(finals, recording, args)
    return finals, code


def _block_samples(args: argparse.Namespace) -> int:
    return LIVE_SAMPLES if args.live else ARCHIVE_SAMPLES


def _id_part(text: str) -> str:
    """What a header says, in the letters that an id may have."""
    return re.sub(r"[^A-Za-z0-9_-]+", "-", text)


def _write_published(event: Event, at_s: float, *, as_json: bool) -> None:
    if as_json:
        text = json.dumps({**to_json(event), "at_s": round(at_s, 3)})
    else:
        text = f"{at_s:8.2f} s  {line(event)}"
    # Whoever reads at the other end of a pipe wants it now.
    print(text, flush=True)


def _conclude(finals: Sequence[Event], recording: Recording, args: argparse.Namespace) -> None:
    if not args.json:
        view = replay_view(finals, recording.skipped, tables=not args.live)
        Console(highlight=False).print(view)
        return
    for note in footnotes(recording.skipped):
        print(f"hiprep: {note}", file=sys.stderr)


class _ProgressBar:
    """On standard error, if that is a terminal, once the reading takes long enough to want it."""

    def __init__(self, recording: Recording, *, hidden: bool) -> None:
        self._recording = recording
        self._hidden = hidden or not sys.stderr.isatty()
        self._bar: Progress | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar:
            self._bar.stop()

    def watch(self, blocks: Iterable[SampleBlock]) -> Iterator[SampleBlock]:
        """The same blocks, counted as they pass."""
        begin_s = time.monotonic()
        for block in blocks:
            if self._bar:
                self._bar.update(self._bar.task_ids[0], completed=self._recording.progress)
            elif not self._hidden and time.monotonic() - begin_s > _PROGRESS_AFTER_S:
                self._begin()
            yield block

    def _begin(self) -> None:
        total = None if self._recording.progress is None else 1.0
        self._bar = Progress(console=Console(stderr=True), transient=True)
        self._bar.add_task("reading", total=total)
        self._bar.start()
