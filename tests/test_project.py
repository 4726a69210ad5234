"""What the files of the project promise about each other."""

import argparse
import re
import subprocess
from importlib import metadata
from pathlib import Path

import pytest

from pipeline import exercises
from pipeline.cli import build_parser

ROOT = Path(__file__).parents[1]
# Spelt with a class, so that this file does not hold what it looks for.
INDEX_ADDRESS = re.compile(r"pypi[.]org/simple|files[.]pythonhosted[.]org|//[^/\s]+/simple\b")
BINARY_SUFFIXES = {".gz", ".png"}


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def project_files() -> list[Path]:
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    paths = (ROOT / name for name in listing.stdout.split("\0") if name)
    return [path for path in paths if path.is_file() and path.suffix not in BINARY_SUFFIXES]


def test_constraints_pin_every_package_by_hash_and_name_no_address() -> None:
    text = read("constraints.txt")
    assert "://" not in text
    assert not re.search(r"^-", text, re.MULTILINE)
    requirements = re.findall(r"^[a-z].*(?:\n    --hash=.*)*", text, re.MULTILINE)
    assert len(requirements) > 10
    for requirement in requirements:
        assert re.match(r"[a-z0-9-]+==\S+", requirement)
        assert "--hash=sha256:" in requirement


def test_constraints_cover_every_direct_dependency() -> None:
    pinned = set(re.findall(r"^([a-z0-9-]+)==", read("constraints.txt"), re.MULTILINE))
    direct = metadata.requires("hiprep")
    assert direct
    assert {re.split(r"[^A-Za-z0-9_-]", line)[0] for line in direct} <= pinned


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="not a git checkout")
def test_no_file_names_a_package_index() -> None:
    assert [
        str(path.relative_to(ROOT))
        for path in project_files()
        if INDEX_ADDRESS.search(path.read_text(encoding="utf-8"))
    ] == []


def test_newest_changelog_entry_is_the_installed_version() -> None:
    versions = re.findall(r"^## \[(\d[^\]]*)\]", read("CHANGELOG.md"), re.MULTILINE)
    assert versions[0] == metadata.version("hiprep")


def test_readme_names_every_command() -> None:
    readme = read("README.md")
    commands = [
        name
        for action in build_parser()._actions
        if isinstance(action, argparse._SubParsersAction)
        for name in action.choices
    ]
    assert commands
    assert [name for name in commands if f"hiprep {name}" not in readme] == []


def test_readme_names_every_exercise() -> None:
    readme = read("README.md")
    assert [name for name in exercises.names() if f"`{name}`" not in readme] == []


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md"])
def test_links_between_pages_lead_somewhere(page: str) -> None:
    targets = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", read(page))
    assert [target for target in targets if not (ROOT / target).exists()] == []
