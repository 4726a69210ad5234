"""Writes docs/coaching.md anew: ``python -m tests.pipeline.coaching.make_page``."""

from pathlib import Path

from pipeline.coaching.page import page
from pipeline.coaching.rules import every

PAGE = Path(__file__).parents[3] / "docs" / "coaching.md"


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(every()), encoding="utf-8")


if __name__ == "__main__":
    main()
