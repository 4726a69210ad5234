"""Lines and points of lifts: an exercise and its variant, in words, each in its own colour."""

import re
from typing import Any, Protocol, Self, TypeVar

from grafana_foundation_sdk.models.dashboard import DataTransformerConfig, DynamicConfigValue

from dashboards.grafana import look

# As series are called in the answer; in_words() makes names for people of it.
LIFT = "$tag_exercise $tag_variant"

_NO_VARIANT = " standard( .*)?$"
_ANY = f"^({'|'.join(map(re.escape, look.EXERCISE_WORDS.values()))})"


class _Panel(Protocol):
    def with_transformation(self, transformation: DataTransformerConfig) -> Self: ...
    def color_scheme(self, color_scheme: Any) -> Self: ...
    def override_by_regexp(self, regexp: str, properties: list[DynamicConfigValue]) -> Self: ...


_P = TypeVar("_P", bound=_Panel)


def by_lift(panel: _P, *of_variant: DynamicConfigValue) -> _P:
    """The panel with names in words and a colour for each exercise, the same on every board.

    of_variant: what sets a named variant apart from the lift without one.
    """
    # An exercise that hiprep does not know gets a colour by its name.
    panel = in_words(panel).color_scheme(look.by_name())
    for name, colour in look.EXERCISES.items():
        words = look.EXERCISE_WORDS[name]
        panel = panel.override_by_regexp(f"^{words}( |$)", [look.coloured(colour)])
    return panel.override_by_regexp(f"{_ANY} .+", list(of_variant)) if of_variant else panel


def in_words(panel: _P) -> _P:
    """hip_thrust standard -> hip thrust; hip_thrust banded -> hip thrust banded."""
    for name, words in look.EXERCISE_WORDS.items():
        if name != words:
            panel = panel.with_transformation(renamed(f"^{name}( .*)", f"{words}$1"))
    return panel.with_transformation(renamed(_NO_VARIANT, "$1"))


def renamed(pattern: str, new: str) -> DataTransformerConfig:
    """A transformation: what matches in the name of a series, anew."""
    return DataTransformerConfig(
        id_val="renameByRegex", options={"regex": pattern, "renamePattern": new}
    )


def dashed() -> DynamicConfigValue:
    """For a line."""
    return DynamicConfigValue(id_val="custom.lineStyle", value={"fill": "dash", "dash": [10, 8]})


def square() -> DynamicConfigValue:
    """For a point."""
    return DynamicConfigValue(id_val="custom.pointShape", value="square")


def pale() -> DynamicConfigValue:
    """For a bar."""
    return DynamicConfigValue(id_val="custom.fillOpacity", value=35)
