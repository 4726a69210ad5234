"""What an archive takes on processes and on Dask, and what far more would: for docs/scale.md.

python -m tests.benchmarks.scale [--recordings N] [--minutes M]
"""

import argparse
import sys
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "scale.md"
BEGIN = "<!-- figures: make scale -->"
RECORDINGS, MINUTES = 200, 10.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--recordings", type=int, default=RECORDINGS, help="how many")
    parser.add_argument("--minutes", type=float, default=MINUTES, help="how long each of them is")
    asked = parser.parse_args()
    if sys.platform != "linux":
        sys.exit("this measures on Linux only")
    # Each process of a pool imports this module as it begins: what `hiprep process` does not need
    # is no part of what is measured.
    from tests.benchmarks.report_page import page  # noqa: PLC0415
    from tests.benchmarks.scale_page import figures  # noqa: PLC0415

    page(PAGE.read_text(encoding="utf-8"), BEGIN, "")  # rather now than after minutes
    new = figures(asked.recordings, asked.minutes)
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8"), BEGIN, new), encoding="utf-8")
    print(f"wrote {PAGE.name}")


if __name__ == "__main__":
    main()
