"""Numbers that start again from 0 when they are full: device clocks and packet counters."""


class Unwrap:
    """Undoes the wrap of an unsigned number of so many bits.

    Each value is taken as the one nearest to the one before it, less than half the range away on
    either side: a late or repeated packet is a small step back, not a wrap.
    """

    def __init__(self, bits: int) -> None:
        self._range = 1 << bits
        self._last: int | None = None

    def __call__(self, value: int) -> int:
        """The value with all wraps so far added; the first one as it is."""
        if self._last is None:
            self._last = value
        half = self._range // 2
        self._last += (value - self._last + half) % self._range - half
        return self._last
