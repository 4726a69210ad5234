"""``hiprep replay``: a recording, again."""

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import count
from math import inf
from pathlib import Path

from rich.console import Console

from pipeline.commands import INTERRUPTED, CommandError
from pipeline.commands.common import usable_settings
from pipeline.commands.progress import Bar
from pipeline.delivery.placing import Place, PlacingError, id_part, placed, placed_now
from pipeline.display import footnotes, line, replay_view
from pipeline.events import Event, to_json
from pipeline.play import Pace, play
from pipeline.recorded import tracker_of
from pipeline.replay import ARCHIVE_SAMPLES, LIVE_SAMPLES, FinalOrder, published
from pipeline.tracker import Tracker
from sensor.faults import Faults
from sensor.raw_recording import RawRecording
from sensor.recording import AnyRecording, RecordingError, open_recording
from sensor.samples import Moment, SampleBlock


def run(args: argparse.Namespace) -> int:
    """Replay one recording: JSON lines, lines for people or tables; and a plot."""
    if args.plot and not args.plot.parent.is_dir():
        raise CommandError(f"cannot write {args.plot}: there is no folder {args.plot.parent}")
    if args.loop and (args.plot or args.publish or args.recording == "-"):
        raise CommandError("--loop goes on for ever: it takes a file, no --plot and no --publish")
    if args.publish and (args.plot or args.json or args.live or args.recording == "-"):
        raise CommandError("--publish takes a file, and no --plot, --json or --live")
    faults = _faults(args)
    pace = Pace(args.speed)
    for lap in count():
        try:
            with open_recording(args.recording, faults) as recording:
                code = _lap(recording, pace, lap, args)
        except RecordingError as error:
            raise CommandError(str(error)) from error
        if code or not args.loop:
            return code
        pace.next_lap()
    return 0


def _lap(recording: AnyRecording, pace: Pace, lap: int, args: argparse.Namespace) -> int:
    """Replay it once, with all that is asked for; the exit code."""
    place = _place(args, recording) if args.publish else None
    tracker = _tracker(recording, lap, args, place.session if place else None)
    moments = pace.follow(_from(recording.moments(_block_samples(recording, args)), args.start))
    console = Console(highlight=False, markup=False, emoji=False)
    if args.speed < inf and console.is_terminal and not (args.json or args.live or place):
        whole = play(moments, tracker, console)
        for note in footnotes(recording.skipped):
            console.print(note, soft_wrap=True)
        return 0 if whole else INTERRUPTED
    if place:
        return _publish(recording, moments, tracker, place, args)
    if not args.plot:
        return _replay(recording, moments, tracker, args)[1]
    # Matplotlib alone takes longer to import than an hour of samples to replay.
    from pipeline.plot import Trace, draw  # noqa: PLC0415

    trace = Trace()
    finals, code = _replay(recording, trace.watch(moments), tracker, args)
    try:
        draw(args.plot, trace, finals, title=Path(args.recording).name)
    except OSError as error:
        raise CommandError(f"cannot write {args.plot}: {error.strerror}") from error
    print(f"hiprep: wrote {args.plot}", file=sys.stderr)
    return code


def _publish(
    recording: AnyRecording,
    moments: Iterable[Moment],
    tracker: Tracker,
    place: Place,
    args: argparse.Namespace,
) -> int:
    # MQTT and the outbox take a while to import.
    from pipeline.commands.publishing import publish  # noqa: PLC0415

    return publish(
        moments,
        tracker,
        usable_settings(),
        place,
        device=id_part(recording.meta.get("sensor", "sensor")),
        athlete=args.athlete or recording.meta.get("athlete"),
        console=Console(highlight=False, markup=False, emoji=False),
    )


def _place(args: argparse.Namespace, recording: AnyRecording) -> Place:
    """Where it stands in time."""
    path = Path(args.recording)
    try:
        if args.as_now:
            return placed_now(path, datetime.now(UTC))
        return placed(path, recording.meta, args.start_time)
    except PlacingError as error:
        raise CommandError(str(error)) from error


def _replay(
    recording: AnyRecording, moments: Iterable[Moment], tracker: Tracker, args: argparse.Namespace
) -> tuple[list[Event], int]:
    """Write everything but the plot; the final events if it or a table needs them, exit code."""
    order = FinalOrder()
    finals: list[Event] = []
    code = 0

    def settle(events: Sequence[Event]) -> None:
        if args.json and not args.live:
            for event in events:
                print(json.dumps(to_json(event)), flush=args.speed < inf)
        if args.plot or not args.json:
            finals.extend(events)

    with Bar("reading", hidden=args.json or args.live or args.speed < inf) as bar:
        try:
            for at_s, event in published(bar.watch(recording, moments), tracker):
                if args.live:
                    _write_published(event, at_s, as_json=args.json)
                settle(order.add(event))
        except KeyboardInterrupt:
            code = INTERRUPTED
    settle(order.rest())
    _conclude(finals, recording, args, tables=not args.live)
    return finals, code


def _tracker(
    recording: AnyRecording, lap: int, args: argparse.Namespace, session: str | None = None
) -> Tracker:
    """As it was live, unless something else is asked for."""
    session = session or recording.meta.get("session", "session")
    return tracker_of(
        recording,
        f"{session}-{lap + 1}" if lap else session,
        exercise=args.exercise,
        set_timeout_s=args.set_timeout,
        min_reps=args.min_reps,
    )


def _faults(args: argparse.Namespace) -> Faults | None:
    wanted = {
        "drop": args.drop / 100,
        "burst": args.burst,
        "duplicate": args.duplicate / 100,
        "reorder": args.reorder / 100,
        "corrupt": args.corrupt / 100,
        "disconnect_s": args.disconnect,
    }
    if not any(value for name, value in wanted.items() if name != "burst"):
        return None
    try:
        return Faults(**wanted, seed=args.seed)
    except ValueError as error:
        raise CommandError(str(error)) from error


def _from(moments: Iterator[Moment], start_s: float) -> Iterator[Moment]:
    """The moments from a time of the recording on. RecordingError if it ends before."""
    begun = False
    for moment in moments:
        t_s = moment.block.t_s
        last_s = float(t_s[-1]) if len(t_s) else moment.at_s
        if last_s < start_s:
            continue
        begun = True
        if len(t_s) and t_s[0] < start_s:
            keep = t_s >= start_s
            gyr = None if moment.block.gyr is None else moment.block.gyr[keep]
            yield moment._replace(block=SampleBlock(t_s[keep], moment.block.acc[keep], gyr))
        else:
            yield moment
    if not begun and start_s > 0:
        raise RecordingError(f"--start {start_s:g}: the recording ends before that")


def _block_samples(recording: AnyRecording, args: argparse.Namespace) -> int:
    if not args.live and not args.publish and args.speed == inf:
        return ARCHIVE_SAMPLES
    return 1 if isinstance(recording, RawRecording) else LIVE_SAMPLES


def _write_published(event: Event, at_s: float, *, as_json: bool) -> None:
    if as_json:
        text = json.dumps({**to_json(event), "at_s": round(at_s, 3)})
    else:
        text = f"{at_s:8.2f} s  {line(event)}"
    # Whoever reads at the other end of a pipe wants it now.
    print(text, flush=True)


def _conclude(
    finals: Sequence[Event], recording: AnyRecording, args: argparse.Namespace, *, tables: bool
) -> None:
    if not args.json:
        Console(highlight=False, markup=False, emoji=False).print(
            replay_view(finals, recording.skipped, tables=tables)
        )
        return
    for note in footnotes(recording.skipped):
        print(f"hiprep: {note}", file=sys.stderr)
