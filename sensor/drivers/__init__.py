"""One file per make of sensor; the folder is the registry."""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from sensor.drivers.driver import Batch, BulkDecoder, Decoder, Driver, Setup, nearest_rate
from sensor.link import Advertisement

__all__ = [
    "Batch",
    "BulkDecoder",
    "Decoder",
    "Driver",
    "Setup",
    "load",
    "names",
    "nearest_rate",
    "recognise",
]


@cache
def names() -> tuple[str, ...]:
    """Every driver there is, in order of the alphabet."""
    found = (module.name for module in iter_modules(__path__))
    return tuple(sorted(name for name in found if name != "driver"))


def load(name: str) -> Driver:
    """The driver of that name. Raises ValueError that names the known ones."""
    if name not in names():
        raise ValueError(f"no sensor driver {name!r}; known are {', '.join(names())}")
    driver: Driver = import_module(f"{__name__}.{name}").DRIVER
    return driver


def recognise(seen: Advertisement) -> tuple[Driver, str] | None:
    """Driver and model of what advertises itself; None if no driver knows it."""
    for name in names():
        driver = load(name)
        model = driver.recognise(seen)
        if model is not None:
            return driver, model
    return None
