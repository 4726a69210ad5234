"""``hiprep fit``: ten seconds that say whether a sensor sits well; or how far up a lifter comes."""

import argparse
import asyncio
from collections.abc import Sequence

from pipeline.commands import CommandError
from pipeline.commands.common import radio_of, usable_settings
from pipeline.commands.doctor import entry_of, findings_of, show, watch
from pipeline.commands.prompt import Prompt
from pipeline.doctor import Finding
from pipeline.fit import fit_findings
from pipeline.settings import SensorEntry, Settings
from sensor.link import Radio
from sensor.records import Connected, Record
from sensor.samples import joined
from sensor.stream import Stream
from sensor.supervisor import State

# How long it takes as a rule, and at least.
_FIT_S, _LOCKOUT_S = (10.0, 8.0), (20.0, 14.0)
_FIT_REPS = "now one or two slow hip thrusts without load"


def run(args: argparse.Namespace) -> int:
    """Watch one sensor while its lifter does a few reps. 1 if there is a problem."""
    usual_s, least_s = _LOCKOUT_S if args.lockout else _FIT_S
    if args.seconds is None:
        args.seconds = usual_s
    if args.seconds < least_s:
        raise CommandError(f"--seconds {args.seconds:g}: at least {least_s:g} are needed")
    settings = usable_settings()
    entry = _entry(settings, args.sensor)
    if args.lockout:
        # It brings the whole tracker.
        from pipeline.commands.fit_lockout import lockout  # noqa: PLC0415

        return lockout(radio_of(settings), settings, entry, args)
    for option in ("athlete", "exercise"):
        if getattr(args, option):
            raise CommandError(f"--{option} goes with --lockout")
    return fit(radio_of(settings), entry, args)


def fit(radio: Radio, entry: SensorEntry, args: argparse.Namespace) -> int:
    """The same with any radio."""
    told = Prompt(_FIT_REPS, args.seconds, quiet=args.json)
    records = asyncio.run(watch(radio, entry, args.seconds, told))
    return 1 if show(_findings(records, told.states, entry), as_json=args.json) else 0


def _findings(
    records: Sequence[Record], states: Sequence[State], entry: SensorEntry
) -> list[Finding]:
    if not any(isinstance(record, Connected) for record in records):
        return findings_of(records, states, entry)
    stream = Stream()
    return fit_findings(joined([stream.take(record) for record in records]))


def _entry(settings: Settings, wanted: str | None) -> SensorEntry:
    """The sensor that was named, or the only one of the settings."""
    if wanted is not None:
        return entry_of(settings, wanted)
    if len(settings.sensors) != 1:
        raise CommandError("say which sensor: --sensor NAME or ADDRESS (hiprep scan shows them)")
    return next(iter(settings.sensors.values()))
