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

**Nothing of this is shown to lifters yet.** The rules are there and tested; the command, the live
page, the report and the boards are still to ask them.

Every sentence names the numbers that it comes from. Each exercise and each variant has a history of
its own. Reps that were added by hand and partial reps have no say in what was measured. From too
little nothing is said. Nothing here is a diagnosis: what hurts is for a doctor.

One sensor at the pelvis knows how the pelvis turned and rose, and when. It does not know the load
(you type it in), effort, muscles, the trunk, thighs, knees or feet, nor what you do without it.

**To switch a rule off**, name it among those that are to be silent: `off` in the preferences of the
athlete, such as `off = ["{example}"]`.
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
