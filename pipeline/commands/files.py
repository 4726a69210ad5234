"""Files that commands write: whole, or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.commands import CommandError


@contextmanager
def new_file(target: Path, *, force: bool) -> Iterator[Path]:
    """A path to write to, that becomes the target in the end. Raises CommandError."""
    if target.exists() and not force:
        raise CommandError(f"{target} is there already (--force overwrites it)")
    # The ending stays: it says whether the file is compressed.
    part = target.with_name(f".part-{os.getpid()}-{target.name}")
    try:
        yield part
        part.replace(target)
    except OSError as error:
        raise CommandError(f"cannot write {target}: {error.strerror or error}") from error
    finally:
        part.unlink(missing_ok=True)
