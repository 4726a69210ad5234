"""Writes docs/schema anew: ``python -m tests.pipeline.delivery.make_schemas``."""

from pathlib import Path

from pipeline.delivery.messages import VERSION
from pipeline.delivery.schemas import schemas, text

FOLDER = Path(__file__).parents[3] / "docs" / "schema" / f"v{VERSION}"


def main() -> None:
    """Write one file for each payload."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, schema in schemas().items():
        (FOLDER / f"{name}.json").write_text(text(schema), encoding="utf-8")


if __name__ == "__main__":
    main()
