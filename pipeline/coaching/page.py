"""docs/coaching.md, made from the rules themselves."""

from collections.abc import Iterable

from pipeline.coaching.advice import Rule, When

_TITLES: dict[When, str] = {
    "rep": "In a set, after each rep",
    "set": "After a set",
    "session": "After a session",
    "week": "Of the week",
}
_TOP = """\
# Coaching: what is said, on what it rests, and what it cannot know

Written by `python -m tests.pipeline.coaching.make_page` from the rules themselves.

What the rules say is shown by `hiprep coach`, on the live page, in the report and on the boards,
and published as events (`docs/mqtt.md`).

Every sentence names the numbers that it comes from. Each exercise and each variant has a history of
its own: variants are words with hyphens between them, as `left` or `banded-light`. Reps that were
added by hand and partial reps have no say in what was measured. From too little nothing is said.
Loads are said in the athlete's unit. Nothing here is a diagnosis: what hurts is for a doctor.

A set that is marked as full lockout shows how far up the lifter comes; it is no training and counts
nowhere else. Where there was a rest inside a set (cluster sets, rest-pause: 5 s or more where the
lift begins), what assumes an unbroken set is silent, or counts from the last rest.

One sensor at the pelvis knows how the pelvis turned and rose, and when. It does not know the load
(you type it in), effort, muscles, the trunk, thighs, knees or feet, nor what you do without it.

**To switch a rule off**, name it among those that are to be silent: below `[coaching]` in the
settings for all, below `[athletes.KEY.coaching]` for one, such as `off = ["{example}"]`.
"""


def page(rules: Iterable[Rule]) -> str:
    """The page as Markdown; rules in their order, by when they are asked."""
    rules = tuple(rules)
    lines = [_TOP.replace("{example}", rules[0].name if rules else "name")]
    for when, title in _TITLES.items():
        asked = [rule for rule in rules if rule.when == when]
        if asked:
            lines += [f"## {title}", ""]
            lines += [line for rule in asked for line in _rule_lines(rule)]
    return "\n".join(lines)


def _rule_lines(rule: Rule) -> list[str]:
    return [
        f"### `{rule.name}`",
        "",
        _sentence(rule.says),
        "",
        f"- Source: {_sentence(rule.source)}",
        f"- Limits: {_sentence(rule.limits)}",
        "",
    ]


def _sentence(text: str) -> str:
    return text if text.endswith(".") else f"{text}."
