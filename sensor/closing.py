"""What is open, and is closed at the end of its ``with``."""

from types import TracebackType
from typing import Self


class Closing:
    """`close` is called on the way out, whatever happened."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give up what is held."""
        raise NotImplementedError
