"""One file per exercise; the folder is the registry."""

from importlib import import_module
from pkgutil import iter_modules

from pipeline.exercises.exercise import Exercise

__all__ = ["Exercise", "load", "names"]


def names() -> tuple[str, ...]:
    """Every exercise there is, in order of the alphabet."""
    found = (module.name for module in iter_modules(__path__))
    return tuple(sorted(name for name in found if name != "exercise"))


def load(name: str) -> Exercise:
    """The exercise of that name. Raises ValueError that names the known ones."""
    if name not in names():
        raise ValueError(f"no exercise {name!r}; known are {', '.join(names())}")
    exercise: Exercise = import_module(f"{__name__}.{name}").EXERCISE
    return exercise
