"""Model sensors, one file for each driver and named as it: real packets and real answers."""

from collections.abc import Callable
from importlib import import_module
from pkgutil import iter_modules

from sensor.simulator.peripherals.peripheral import Characteristic, Notification, Peripheral

__all__ = ["Characteristic", "Notification", "Peripheral", "make", "names"]


def names() -> tuple[str, ...]:
    """Every model sensor there is, in order of the alphabet."""
    found = (module.name for module in iter_modules(__path__))
    return tuple(sorted(name for name in found if name != "peripheral"))


def make(name: str, *, address: str = "C0:FF:EE:00:00:01", serial: str = "1") -> Peripheral:
    """A new model sensor. Raises ValueError that names the known ones."""
    if name not in names():
        raise ValueError(f"no model sensor {name!r}; known are {', '.join(names())}")
    new: Callable[..., Peripheral] = import_module(f"{__name__}.{name}").PERIPHERAL
    return new(address=address, serial=serial)
