"""Left against right in a session of a lift with one leg at a time."""

from collections.abc import Iterator

from pipeline.coaching.advice import Advice, Case, Rule
from pipeline.coaching.lift_names import lift_name
from pipeline.coaching.lifted import LiftedSet
from pipeline.coaching.phrases import Numbers
from pipeline.coaching.sides import Difference, What, differences, side_of, without_side

_WORDS: dict[What, tuple[str, str, int]] = {
    "reps": ("", "reps a set", 1),
    "best_velocity_mps": ("fastest rep ", "m/s", 2),
    "rom_deg": ("range ", "degrees", 0),
    "top_pause_s": ("hold at the top ", "s", 1),
}


def _sides(case: Case) -> Iterator[Advice]:
    lifts: dict[tuple[str, str], dict[str, list[LiftedSet]]] = {}
    trained = case.trained
    for one in reversed(trained):
        if one.session != trained[-1].session:
            break
        side = side_of(one.variant)
        if side and one.over and one.counted:
            both = lifts.setdefault((one.exercise, without_side(one.variant)), {})
            both.setdefault(side, []).append(one)
    for lift, both in lifts.items():
        found = differences(both.get("left", ()), both.get("right", ()))
        if found:
            yield _advice(lift, found)


def _advice(lift: tuple[str, str], found: list[Difference]) -> Advice:
    say = Numbers()
    parts = [_part(one, say) for one in found]
    weaker = found[0].less
    stronger = "right" if weaker == "left" else "left"
    text = f"{lift_name(lift)}, left against right: {'; '.join(parts)}."
    if found[0].what == "reps":
        text += f" Begin with the {weaker} and do no more reps on the {stronger}."
    else:
        text += f" Begin with the {weaker}."
    return Advice("sides", "info", text, say.told, lift)


def _part(one: Difference, say: Numbers) -> str:
    name, unit, digits = _WORDS[one.what]
    left = say.say(f"left_{one.what}", one.left, digits)
    right = say.say(f"right_{one.what}", one.right, digits)
    return f"{name}{left} against {right} {unit}"


RULES: tuple[Rule, ...] = (
    Rule(
        "sides",
        "session",
        "Left against right of a lift with one leg at a time, from the sets of a session with the "
        "same load and target: reps a set (two apart), the fastest rep (beyond 0.03 m/s from set "
        "to set), range (8 %) and hold at the top (0.3 s and 20 %), each beyond what it scatters; "
        "and which side to begin with. The history and the bests of the sides stay apart.",
        "The guide behind the project: single-leg work among the variants. To begin with the side "
        "that does less, and to let the other one do no more, is custom.",
        "The side is as typed in. A pelvis that turns during the lift changes its range. One "
        "session says nothing of which leg is the stronger one.",
        _sides,
    ),
)
