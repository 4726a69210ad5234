"""Which reps of a set fell out: those that differ from the others by more than reps do. Pure."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from pipeline.delivery.history import RepRow
from pipeline.report_page.words import NBSP, listed, of_reps

_LEAST = 3
"""Of fewer values nobody can say which one is the odd one."""


@dataclass(frozen=True, slots=True)
class _Trait:
    """Something reps have. more, less: how it is said of them, after their numbers.

    bigger, smaller: of the difference. least, share: a smaller difference is none, whichever of
    both is more. By default that is what a count in the head is off by
    (`pipeline.coaching.adherence`); for the range of motion it is well above what the sensor is
    off by (docs/accuracy.md).
    """

    value: Callable[[RepRow], float | None]
    more: str
    less: str
    bigger: str = "longer"
    smaller: str = "shorter"
    decimals: int = 1
    unit: str = f"{NBSP}s"
    least: float = 0.3
    share: float = 0.2

    def shown(self, low: float, high: float | None = None) -> str:
        """A value, or the range of several."""
        texts = [f"{value:.{self.decimals}f}" for value in (low, low if high is None else high)]
        return f"{' to '.join(dict.fromkeys(texts))}{self.unit}"


_TRAITS = {
    "concentric": _Trait(
        lambda rep: rep.concentric_s, "slower on the way up", "faster on the way up"
    ),
    "eccentric": _Trait(
        lambda rep: rep.eccentric_s, "slower on the way down", "faster on the way down"
    ),
    "top": _Trait(lambda rep: rep.top_pause_s, "held longer at the top", "held shorter at the top"),
    "bottom": _Trait(
        lambda rep: rep.bottom_pause_s,
        "longer at the bottom",
        "shorter at the bottom",
    ),
    "rom": _Trait(
        lambda rep: rep.rom_deg,
        "larger in range of motion",
        "smaller in range of motion",
        "more",
        "less",
        0,
        "°",
        4.0,
        0.08,
    ),
}


@dataclass(frozen=True, slots=True)
class Odd:
    """Reps that differ in one trait and one direction. usual: the median of all the others."""

    trait: str
    more: bool
    reps: tuple[RepRow, ...]
    values: tuple[float, ...]
    usual: float

    @property
    def text(self) -> str:
        """``Rep 8 was slower on the way up: 1.4 s, the others 0.9 s (0.5 s longer).``"""
        trait = _TRAITS[self.trait]
        numbers = [rep.rep for rep in self.reps if rep.rep is not None]
        was = "were" if len(numbers) > 1 else "was"
        values = listed(dict.fromkeys(map(trait.shown, self.values)))
        # Of the values as they are shown: whoever reads it may do the sum.
        digits, usual = trait.decimals, round(self.usual, trait.decimals)
        off = sorted(abs(round(value, digits) - usual) for value in self.values)
        return (
            f"{of_reps(numbers)} {was} {trait.more if self.more else trait.less}: {values}, "
            f"the others {trait.shown(self.usual)} "
            f"({trait.shown(off[0], off[-1])} {trait.bigger if self.more else trait.smaller})."
        )


def odd_reps(reps: Sequence[RepRow]) -> list[Odd]:
    """In which trait which of the reps differ; for reps that count, in order."""
    return [odd for name in _TRAITS for odd in _odd(name, reps)]


def _odd(name: str, reps: Sequence[RepRow]) -> Iterator[Odd]:
    trait = _TRAITS[name]
    known = [(rep, value) for rep in reps if (value := trait.value(rep)) is not None]
    if len(known) < _LEAST:
        return
    middle = median(value for _, value in known)
    least = max(trait.least, trait.share * abs(middle))
    # Times are known to the millisecond; a sum of floats is not.
    apart = [(rep, value) for rep, value in known if round(abs(value - middle), 3) > least]
    rest = [value for rep, value in known if round(abs(value - middle), 3) <= least]
    if not rest or len(apart) >= len(rest):
        return  # they have nothing in common that one could fall out of
    usual = median(rest)
    for more in (True, False):
        some = [(rep, value) for rep, value in apart if (value > middle) == more]
        if some:
            odd_ones, values = zip(*some, strict=True)
            yield Odd(name, more, odd_ones, values, usual)
