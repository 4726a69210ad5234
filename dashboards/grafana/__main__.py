"""Writes dashboards/grafana/json anew: ``python -m dashboards.grafana``."""

from dashboards.grafana.build import FOLDER, texts


def main() -> None:
    """One file for each board; a file of no board is removed."""
    FOLDER.mkdir(exist_ok=True)
    made = texts()
    for file in FOLDER.glob("*.json"):
        if file.name not in made:
            file.unlink()
    for name, text in made.items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
