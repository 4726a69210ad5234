"""``hiprep fit --lockout``: twenty seconds that save how far up a lifter comes."""

import argparse
import asyncio
import sys
from dataclasses import replace

from pipeline import exercises
from pipeline.commands import CommandError
from pipeline.commands.common import athlete_key
from pipeline.commands.doctor import findings_of, show, watch
from pipeline.commands.init import write
from pipeline.commands.prompt import Prompt
from pipeline.display import words
from pipeline.fit import fit_findings
from pipeline.fit_lockout import full_lockout
from pipeline.settings import SensorEntry, Settings, default_path, dumps
from sensor.link import Radio
from sensor.records import Connected
from sensor.samples import SampleBlock, joined
from sensor.scan import printable
from sensor.stream import Stream


def lockout(radio: Radio, settings: Settings, entry: SensorEntry, args: argparse.Namespace) -> int:
    """Measure it with any radio, and write it to the settings. 1 if there is a problem."""
    athlete = _athlete(settings, entry, args.athlete)
    exercise: str = args.exercise or entry.exercise
    if exercises.load(exercise).posture != "lying":
        raise CommandError(f"a lockout is saved of lifts that are done lying, not of {exercise}")
    reps = f"now three slow reps or more of {words(exercise)} without load, all the way up"
    told = Prompt(reps, args.seconds, quiet=args.json)
    records = asyncio.run(watch(radio, entry, args.seconds, told))
    if not any(isinstance(record, Connected) for record in records):
        return 1 if show(findings_of(records, told.states, entry), as_json=args.json) else 0
    stream = Stream()
    block = joined([stream.take(record) for record in records])
    return judged(block, settings, athlete, exercise, as_json=args.json)


def judged(
    block: SampleBlock, settings: Settings, athlete: str, exercise: str, *, as_json: bool
) -> int:
    """The same from the samples. What cannot be relied on is not written."""
    findings = fit_findings(block)
    if all(one.level != "problem" for one in findings):
        found = full_lockout(block, exercise)
        findings.append(found.finding)
        if found.rom_deg is not None:
            show(findings, as_json=as_json)
            _save(settings, athlete, exercise, found.rom_deg)
            return 0
    return 1 if show(findings, as_json=as_json) else 0


def _athlete(settings: Settings, entry: SensorEntry, asked: str | None) -> str:
    """Who was named, else who wears the sensor, else the only one. Raises CommandError."""
    only = next(iter(settings.athletes)) if len(settings.athletes) == 1 else None
    athlete = athlete_key(settings, asked) if asked else entry.athlete or only
    if athlete is None:
        raise CommandError("say whose lockout it is: --athlete NAME")
    if athlete not in settings.athletes:
        raise CommandError(
            f"there is no athlete {printable(athlete)} in the settings: hiprep init adds one"
        )
    return athlete


def _save(settings: Settings, athlete: str, exercise: str, rom_deg: float) -> None:
    who = settings.athletes[athlete]
    lockout_deg = {**who.coaching.lockout_deg, exercise: rom_deg}
    changed = replace(who, coaching=replace(who.coaching, lockout_deg=lockout_deg))
    path = default_path()
    text = dumps(replace(settings, athletes={**settings.athletes, athlete: changed}))
    try:
        kept = write(path, text)
    except OSError as error:
        raise CommandError(f"cannot write {path}: {error.strerror}") from error
    _say(f"{who.name}'s full lockout of {words(exercise)} is {rom_deg:g}°: wrote {path}")
    if kept:
        _say(f'what was there is kept; to undo: mv "{kept}" "{path}"')


def _say(text: str) -> None:
    print(f"hiprep: {printable(text)}", file=sys.stderr)
