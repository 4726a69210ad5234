"""The bytes of a recording: a file or standard input, plain or gzip, in constant memory."""

import os
import stat
import sys
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import BinaryIO

GZIP_CUT_OFF = "gzip cut off, the rest is missing"
GZIP_DAMAGED = "gzip damaged, the rest is unreadable"
LINE_TOO_LONG = "line too long"
MAX_LINE_BYTES = 1 << 16

_CHUNK_BYTES = 1 << 18
_GZIP_MAGIC = b"\x1f\x8b"
# At most so much is lost before a damage, and a gzip bomb gives 4 MB: deflate packs 1000 to 1.
_PIECE_BYTES = 4096


class ByteStream:
    """path: "-" is standard input. Gzip is known by its first bytes, whatever the name.

    damage: why the bytes ended early; None if they did not. Opening and reading raise OSError.
    """

    def __init__(self, path: str | Path) -> None:
        self.damage: str | None = None
        self._owned = str(path) != "-"
        self._file: BinaryIO = (
            Path(path).open("rb") if self._owned else sys.stdin.buffer  # noqa: SIM115 -- see close
        )
        self._size = _size(self._file) if self._owned else None
        self._consumed = 0
        self._chunks = self._read()

    def close(self) -> None:
        """Close the file; standard input stays open."""
        if self._owned:
            self._file.close()

    @property
    def progress(self) -> float | None:
        """Part of the file's bytes consumed, 0 to 1; None where its size is not known."""
        return min(1.0, self._consumed / self._size) if self._size else None

    def chunk(self) -> bytes:
        """The next bytes; none at the end."""
        return next(self._chunks, b"")

    def lines(self, start: bytes, skipped: Counter[str]) -> Iterator[bytes]:
        """What is left, in whole lines, many at once; start is put in front of it.

        A line that does not end is counted in skipped, not held. The last line may lack its
        newline, except before a damage.
        """
        rest = b""
        inside_long = False
        for chunk in chain((start,), self._chunks):
            if inside_long and b"\n" not in chunk:
                continue
            text = chunk[chunk.find(b"\n") + 1 :] if inside_long else rest + chunk
            end = text.rfind(b"\n") + 1
            if end:
                yield text[:end]
            rest = text[end:]
            inside_long = len(rest) > MAX_LINE_BYTES
            if inside_long:
                skipped[LINE_TOO_LONG] += 1
                rest = b""
        if rest and not self.damage:
            yield rest + b"\n"

    def _read(self) -> Iterator[bytes]:
        raw = iter(lambda: self._file.read(_CHUNK_BYTES), b"")
        first = next(raw, b"")
        if first.startswith(_GZIP_MAGIC):
            yield from self._unzipped(chain((first,), raw))
            return
        for chunk in chain((first,), raw):
            self._consumed += len(chunk)
            yield chunk

    def _unzipped(self, raw: Iterable[bytes]) -> Iterator[bytes]:
        unzip = _Unzip()
        texts: list[bytes] = []
        for piece in _pieces(raw):
            self._consumed += len(piece)
            try:
                texts.append(unzip.feed(piece))
            except zlib.error:
                self.damage = GZIP_DAMAGED
                break
            if sum(map(len, texts)) >= _CHUNK_BYTES:
                yield b"".join(texts)
                texts.clear()
        if not self.damage and not unzip.complete:
            self.damage = GZIP_CUT_OFF
        yield b"".join(texts)


class _Unzip:
    """Gzip members, one after the other; zeros may pad them."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(wbits=31)

    @property
    def complete(self) -> bool:
        return self._member.eof

    def feed(self, piece: bytes) -> bytes:
        text = b""
        while piece:
            if self._member.eof:
                piece = piece.lstrip(b"\0")
                if not piece:
                    break
                self._member = zlib.decompressobj(wbits=31)
            text += self._member.decompress(piece)
            piece = self._member.unused_data
        return text


def _pieces(raw: Iterable[bytes]) -> Iterator[bytes]:
    for chunk in raw:
        for start in range(0, len(chunk), _PIECE_BYTES):
            yield chunk[start : start + _PIECE_BYTES]


def _size(file: BinaryIO) -> int | None:
    status = os.fstat(file.fileno())
    return status.st_size if stat.S_ISREG(status.st_mode) else None
