"""``hiprep live`` and ``hiprep record``: sensors that people wear, now."""

import argparse
import asyncio
import json
import signal
from collections.abc import Callable, Sequence
from contextlib import suppress

from rich.console import Console
from rich.live import Live

from pipeline.commands import CommandError
from pipeline.commands.common import radio_of, usable_settings
from pipeline.display import line
from pipeline.events import Event, Rep, to_json
from pipeline.lifters import NoLifterError, asked_for, found_one, hints
from pipeline.live import Lifter, LiveSession, Watched
from pipeline.live_view import LiveView, troubles, who
from pipeline.report import Settings as SetSettings
from pipeline.settings import Settings
from sensor.checks import RecordingError
from sensor.link import Radio, SensorError
from sensor.scan import Scan, listen_for, printable

_LOOK_S = 5.0
_REDRAW_S = 0.125
_CHECK_S = 0.5


def run(args: argparse.Namespace) -> int:
    """Track and record until ^C, or for the time that was asked for."""
    settings = usable_settings()
    return live(radio_of(settings), settings, args)


def live(radio: Radio, settings: Settings, args: argparse.Namespace) -> int:
    """The same with any radio."""
    # Names on the air and addresses may look like markup, or like an emoji: C0:AB:...
    console = _Console(highlight=False, markup=False, emoji=False, stderr=args.json)
    try:
        lifters = asked_for(settings, args.sensor, args.exercise, args.athlete)
        for hint in hints(settings, args.sensor):
            console.print(hint, soft_wrap=True)
        asyncio.run(_session(radio, settings, lifters, args, console))
    except (NoLifterError, RecordingError, SensorError) as error:
        raise CommandError(printable(str(error))) from error
    return 0


async def _session(
    radio: Radio,
    settings: Settings,
    lifters: list[Lifter],
    args: argparse.Namespace,
    console: Console,
) -> None:
    stop = asyncio.Event()
    _stop_on_signals(stop, console)
    if not lifters:
        lifters = await _look_around(radio, stop, args, console)
    if stop.is_set():
        return
    tellers = _Tellers(console, args)
    session = LiveSession(
        lifters,
        SetSettings(settings.set_timeout_s, settings.min_reps),
        settings.recordings if args.record else None,
        tellers.tell,
        track=args.track,
    )
    view = tellers.view = LiveView(session.watched)
    showing = asyncio.create_task(_show(view, session.watched, console, args))
    if args.seconds:
        asyncio.get_running_loop().call_later(args.seconds, stop.set)
    try:
        if args.publish and settings.mqtt:
            # MQTT and the outbox take a while to import.
            from pipeline.commands.live_publishing import publishing  # noqa: PLC0415

            async with publishing(settings, session, console) as tellers.publish:
                await session.run(radio, stop)
        else:
            await session.run(radio, stop)
    finally:
        showing.cancel()
        await asyncio.wait([showing])
        session.close()
        if args.track:
            console.print(view.summary())
        for one in session.watched:
            console.print(f"{who(one)}: {_came_of(one)}", soft_wrap=True)


def _came_of(one: Watched) -> str:
    """What there is of a sensor in the end."""
    samples = one.session.stream.samples
    came = f"{samples} samples" if samples else f"no samples ({printable(one.state.text)})"
    failed = one.recorder and one.recorder.failure  # which names the file
    parts = [came, *([f"recorded in {one.file}"] if one.file and not failed else [])]
    return ", ".join([*parts, *troubles(one).values()])


async def _look_around(
    radio: Radio, stop: asyncio.Event, args: argparse.Namespace, console: Console
) -> list[Lifter]:
    """The one supported sensor in reach."""
    console.print("looking for a sensor (--sensor NAME, or hiprep init, says which)")
    scan = Scan()
    looking = asyncio.create_task(listen_for(scan, radio, _LOOK_S))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait([looking, stopping], return_when=asyncio.FIRST_COMPLETED)
    looking.cancel()
    stopping.cancel()
    await asyncio.wait([looking, stopping])
    if stop.is_set():
        return []
    looking.result()
    return found_one(scan.supported(), args.exercise, args.athlete)


class _Console(Console):
    """Nobody listens any more: that ends no session."""

    def on_broken_pipe(self) -> None:
        self.quiet = True


class _Tellers:
    """What is said of each event, besides what the view shows."""

    def __init__(self, console: Console, args: argparse.Namespace) -> None:
        self.view: LiveView | None = None
        self.publish: Callable[[Watched, float, Event], None] | None = None
        self._console = console
        self._args = args
        self._deaf = False

    def tell(self, one: Watched, at_s: float, event: Event) -> None:
        """Show an event, and say it in a line where no screen is redrawn."""
        assert self.view
        self.view.take(one, event)
        if self.publish:
            self.publish(one, at_s, event)
        if self._args.json:
            fields = {"sensor": one.lifter.sensor, "at_s": round(at_s, 3)}
            self._write(json.dumps({**to_json(event), **fields}))
        elif not self._console.is_terminal and not (isinstance(event, Rep) and event.revision != 1):
            self._console.print(f"{who(one)}: {line(event)}", soft_wrap=True)

    def _write(self, text: str) -> None:
        """To standard output, as long as there is a reader: the session goes on without."""
        if self._deaf:
            return
        try:
            print(text, flush=True)
        except OSError as error:
            self._deaf = True
            self._console.print(f"standard output is not read any more: {error.strerror}")


async def _show(
    view: LiveView, watched: Sequence[Watched], console: Console, args: argparse.Namespace
) -> None:
    """Redraw a terminal; elsewhere say only what changes."""
    if console.is_terminal and not args.json:
        with Live(console=console, auto_refresh=False, transient=True) as screen:
            while True:
                screen.update(view.render(), refresh=True)
                await asyncio.sleep(_REDRAW_S)
    told: list[dict[str, str]] = [{} for _ in watched]
    while True:
        for one, before in zip(watched, told, strict=True):
            now = {"state": printable(one.state.text), **troubles(one)}
            for about, text in now.items():
                # A number in a trouble may change: it is told once.
                if before.get(about) != text if about == "state" else about not in before:
                    console.print(f"{who(one)}: {text}", soft_wrap=True)
            before.clear()
            before.update(now)
        await asyncio.sleep(_CHECK_S)


def _stop_on_signals(stop: asyncio.Event, console: Console) -> None:
    """^C and a service manager end a session in order."""
    loop = asyncio.get_running_loop()

    def end() -> None:
        if not stop.is_set():
            console.print("ending; this may take some seconds")
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError):  # Windows
            loop.add_signal_handler(number, end)
