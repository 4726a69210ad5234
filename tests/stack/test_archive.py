"""A file that is no backup as it was made is refused, and changes nothing."""

import gzip
import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as limits
from hypothesis import strategies as st

from pipeline.settings import Settings, outbox_file
from pipeline.stack import StackError
from pipeline.stack.archive import may_be_named
from pipeline.stack.backup import backup
from pipeline.stack.restore import restore
from tests.stack.computers import GoTo, book_of, computers, files, filled, kept, saved


@pytest.fixture
def go_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> GoTo:
    return computers(tmp_path, monkeypatch)


@pytest.fixture
def full(go_to: GoTo) -> Settings:
    """A computer where there is something of everything."""
    return filled(go_to)


def rewritten(out: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """The same archive with other parts."""
    with tarfile.open(out) as tar:
        whole = {}
        for member in tar:
            content = tar.extractfile(member)
            assert content is not None
            whole[member.name] = content.read()
    change(whole)
    target = out.with_name("rewritten.tar.gz")
    with tarfile.open(target, "w:gz") as tar:
        for name, data in whole.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return target


def _manifest(whole: dict[str, bytes], **changes: Any) -> None:
    whole["manifest.json"] = json.dumps({**json.loads(whole["manifest.json"]), **changes}).encode()


def _bit(whole: dict[str, bytes]) -> None:
    whole["store.db"] = whole["store.db"][:5000] + b"?" + whole["store.db"][5001:]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_bit, r"is damaged \(store\.db\)"),
        (lambda whole: whole.pop("store.db"), r"is damaged \(store\.db\)"),
        (lambda whole: whole.pop("manifest.json"), "is cut off"),
        (lambda whole: whole.update({"recordings/x": b""}), r"is damaged \(recordings/x\)"),
        (lambda whole: whole.update({"../evil": b""}), r"has '\.\./evil' in it"),
        (lambda whole: whole.update({"/etc/evil": b""}), "has '/etc/evil' in it"),
        (lambda whole: whole.update({"recordings/../../evil": b""}), "in it: it is no backup"),
        (lambda whole: whole.update({"manifest.json": b"{"}), "manifest.json is damaged"),
        (lambda whole: whole.update({"manifest.json": b"[]"}), "manifest.json is damaged"),
        (lambda whole: _manifest(whole, events=[1]), "manifest.json is damaged"),
        (lambda whole: _manifest(whole, sha256=None), "manifest.json is damaged"),
        (lambda whole: _manifest(whole, format="hiprep-backup/2"), "update hiprep"),
    ],
)
def test_what_is_no_backup_as_it_was_made_is_refused(
    full: Settings,
    go_to: GoTo,
    tmp_path: Path,
    change: Callable[[dict[str, bytes]], None],
    words: str,
) -> None:
    out = rewritten(saved(full, tmp_path), change)
    elsewhere = go_to("empty")
    before = files(tmp_path)
    with pytest.raises(StackError, match=words):
        restore(elsewhere, out)
    assert files(tmp_path) == before


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE])
def test_parts_that_are_no_plain_files_are_refused(
    go_to: GoTo, tmp_path: Path, kind: bytes
) -> None:
    out = tmp_path / "trick.tar.gz"
    with tarfile.open(out, "w:gz") as tar:
        info = tarfile.TarInfo("store.db")
        info.type, info.linkname = kind, "/etc/passwd"
        tar.addfile(info)
    with pytest.raises(StackError, match="it is no backup of hiprep"):
        restore(go_to("empty"), out)


@pytest.mark.parametrize(
    "data",
    [b"", b"no archive at all", gzip.compress(b""), gzip.compress(b"no tar" * 1000)],
)
def test_files_that_are_no_archive_are_refused(go_to: GoTo, tmp_path: Path, data: bytes) -> None:
    out = tmp_path / "saved.tar.gz"
    out.write_bytes(data)
    with pytest.raises(StackError, match=f"^{out}: .*no backup of hiprep"):
        restore(go_to("empty"), out)


def test_a_file_that_is_not_there_is_named(go_to: GoTo, tmp_path: Path) -> None:
    for path in (tmp_path / "none.tar.gz", tmp_path):
        with pytest.raises(StackError, match=f"^{path}: cannot be read: "):
            restore(go_to("empty"), path)


@limits(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(place=st.floats(0, 0.999), other=st.one_of(st.none(), st.integers(1, 255)))
def test_no_damage_comes_through(
    full: Settings, go_to: GoTo, tmp_path: Path, place: float, other: int | None
) -> None:
    """Cut there (None), or a byte changed: it is refused, or what comes back is as it was."""
    out = tmp_path / "saved.tar.gz"
    if not out.exists():
        backup(full, out, recordings=True)
    data = bytearray(out.read_bytes())
    at = int(place * len(data))
    if other is None:
        del data[at:]
    else:
        data[at] ^= other
    damaged = tmp_path / "damaged.tar.gz"
    damaged.write_bytes(data)
    elsewhere = go_to("empty")
    try:
        restore(elsewhere, damaged)
    except StackError:
        assert not book_of(elsewhere).exists()
    else:
        assert kept(book_of(elsewhere)) == kept(book_of(full))
        book_of(elsewhere).unlink()
        outbox_file().unlink()


@given(st.text(st.sampled_from("ab./\\: \n\0Å"), max_size=12))
def test_no_name_leads_out_of_the_folder(name: str) -> None:
    root = Path("/root/of/all/recordings").resolve()
    if may_be_named(f"recordings/{name}"):
        assert (root / name).resolve().is_relative_to(root)
        assert (root / name).resolve() != root
