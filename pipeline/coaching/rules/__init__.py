"""One file per group of rules; the folder is the registry."""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from pipeline.coaching.advice import Rule

__all__ = ["every"]


@cache
def every() -> tuple[Rule, ...]:
    """Every rule there is: the files in order of the alphabet, in a file as they stand there.

    Raises ValueError if two rules have one name: it is by its name that one is switched off.
    """
    files = sorted(module.name for module in iter_modules(__path__))
    rules: list[Rule] = []
    for name in files:
        rules.extend(import_module(f"{__name__}.{name}").RULES)
    named = [rule.name for rule in rules]
    twice = sorted({name for name in named if named.count(name) > 1})
    if twice:
        raise ValueError(f"more than one rule is called {', '.join(twice)}")
    return tuple(rules)
