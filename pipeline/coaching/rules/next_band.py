"""Double progression where the load is a band."""

from collections.abc import Iterator

from pipeline.coaching.advice import Advice, Case, Level, Rule
from pipeline.coaching.lift_names import lift_name
from pipeline.coaching.phrases import Numbers
from pipeline.coaching.plates import band_of, next_band
from pipeline.coaching.worked import Quality, Worked, is_measured, judged, worked_with_bands
from pipeline.coaching.worked_words import all_sets, missing


def _next_band(case: Case) -> Iterator[Advice]:
    for lift, done in worked_with_bands(case).items():
        band = band_of(lift[1], case.preferences.bands)
        if band is None or done[0].sets[-1].session != case.trained[-1].session:
            continue
        if done[0].range_reps is None or not is_measured(done[0]):
            continue
        say = Numbers()
        level, text = _words(case, band, done[0], judged(done[0], done[1:], case), say)
        yield Advice("next_band", level, f"{lift_name(lift)}: {text}", say.told, lift)


def _words(
    case: Case, band: str, last: Worked, quality: Quality, say: Numbers
) -> tuple[Level, str]:
    low, high = last.range_reps or (0, 0)
    fewest = min(last.reps)
    if fewest < high:
        text = (
            f"stay with the {band} band next time and aim for "
            f"{say.say('reps', max(low, fewest + 1))} reps in every set. The fewest were "
            f"{say.say('fewest_reps', fewest)}; the next band comes at {say.say('top_reps', high)}."
        )
        return "info", text
    if not quality.good:
        text = (
            f"stay with the {band} band and {say.say('reps', high)} reps next time. The reps are "
            f"there; what is missing for more: {missing(quality, say)}."
        )
        return "attention", text
    following = next_band(case.preferences.bands, band)
    if following is None:
        reps = say.say("reps", fewest + 1)
        return "info", f"the {band} band is your strongest: aim for {reps} reps next time."
    text = (
        f"next time the {following} band, from {say.say('reps', low)} reps up, because "
        f"{all_sets(last, say)} with the {band} one reached {say.say('top_reps', high)} reps."
    )
    return "good", text


RULES = (
    Rule(
        "next_band",
        "session",
        "Double progression with bands, where the variant names one of those in the settings (as "
        "banded-light) and no load is typed in: the next stronger band when all working sets reach "
        "the top of the range with good reps, as for loads; else the same band and a rep more.",
        "The guide behind the project: progressive overload by barbell, dumbbells or bands. The "
        "range and what good reps are: as in double progression with loads.",
        "How hard a band pulls depends on how far it is stretched, and nobody knows by how much "
        "the next one pulls more.",
        _next_band,
    ),
)
