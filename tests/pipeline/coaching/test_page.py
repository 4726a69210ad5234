from pipeline.coaching.page import page
from pipeline.coaching.rules import every
from tests.pipeline.coaching.make_page import PAGE


def test_the_page_is_current() -> None:
    """If not: python -m tests.pipeline.coaching.make_page."""
    assert PAGE.read_text(encoding="utf-8") == page(every())


def test_the_page_has_all_of_each_rule() -> None:
    text = page(every())
    for rule in every():
        assert text.count(f"### `{rule.name}`\n") == 1
        assert rule.says in text
        assert f"- Source: {rule.source}" in text
        assert f"- Limits: {rule.limits}" in text
