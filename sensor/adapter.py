"""The host's Bluetooth, as far as it can be known without using it. For the doctor.

Linux: the objects of BlueZ on the system bus (org.bluez, doc/org.bluez.Adapter.rst in BlueZ). Other
systems tell nothing before a scan.
"""

import asyncio
import platform
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

_TIMEOUT_S = 5.0
_ADAPTER = "org.bluez.Adapter1"

Fault = Literal["no bus", "no BlueZ", "no permission"]


@dataclass(frozen=True, slots=True)
class Adapter:
    """blocked: switched off by rfkill, as far as BlueZ says so. central: whether it can connect to
    sensors at all.
    """

    name: str
    address: str
    powered: bool
    blocked: bool
    central: bool


@dataclass(frozen=True, slots=True)
class Bluetooth:
    """system: Linux, Darwin, Windows. The rest is known on Linux only.

    fault: why BlueZ cannot be asked, with detail in the system's own words; None if it can.
    bluez_version: None if bluetoothctl is not there to tell. board: the model of a Raspberry Pi.
    wifi: whether its Wi-Fi is up.
    """

    system: str
    fault: Fault | None = None
    detail: str = ""
    bluez_version: tuple[int, int] | None = None
    adapters: tuple[Adapter, ...] = ()
    board: str | None = None
    wifi: bool = False


async def look() -> Bluetooth:
    """What is there now. Never raises for what is wrong with it."""
    system = platform.system()
    if system != "Linux":
        return Bluetooth(system)
    objects, fault, detail = await _bluez_objects()
    return Bluetooth(
        system,
        fault,
        detail,
        bluez_version=await _bluez_version(),
        adapters=adapters_of(objects),
        board=raspberry_pi(),
        wifi=wifi_is_up(),
    )


def adapters_of(objects: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> tuple[Adapter, ...]:
    """The adapters among BlueZ's objects: path -> interface -> property -> value."""
    found = []
    for path, interfaces in sorted(objects.items()):
        if _ADAPTER in interfaces:
            seen = interfaces[_ADAPTER]
            adapter = Adapter(
                name=path.rpartition("/")[2],
                address=str(seen.get("Address", "")),
                powered=bool(seen.get("Powered", False)),
                blocked=seen.get("PowerState") == "off-blocked",
                central="central" in seen.get("Roles", ["central"]),
            )
            found.append(adapter)
    return tuple(found)


def version_of(text: str) -> tuple[int, int] | None:
    """(5, 66) of ``bluetoothctl: 5.66``."""
    found = re.search(r"(\d+)\.(\d+)", text)
    return (int(found[1]), int(found[2])) if found else None


def raspberry_pi(root: Path = Path("/")) -> str | None:
    """The model, if this is one."""
    try:
        text = (root / "proc/device-tree/model").read_bytes()
    except OSError:
        return None
    model = text.rstrip(b"\0").decode(errors="replace")
    return model if model.startswith("Raspberry Pi") else None


def wifi_is_up(root: Path = Path("/")) -> bool:
    """Whether any Wi-Fi interface is up."""
    for wireless in (root / "sys/class/net").glob("*/wireless"):
        try:
            if (wireless.parent / "operstate").read_text().strip() == "up":
                return True
        except OSError:
            continue
    return False


async def _bluez_version() -> tuple[int, int] | None:
    try:
        process = await asyncio.create_subprocess_exec(
            "bluetoothctl",
            "--version",
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
    except OSError:
        return None
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            text, _ = await process.communicate()
    except TimeoutError:
        process.kill()
        await process.wait()
        return None
    return version_of(text.decode(errors="replace"))


async def _bluez_objects() -> tuple[dict[str, Any], Fault | None, str]:
    """All objects of BlueZ; or none, and why."""
    # It is installed where Bleak needs it: on Linux.
    from dbus_fast import BusType, DBusFastError, Message, MessageType, unpack_variants  # noqa: PLC0415
    from dbus_fast.aio import MessageBus  # noqa: PLC0415

    try:
        async with asyncio.timeout(_TIMEOUT_S):
            bus = await MessageBus(bus_type=BusType.SYSTEM).connect()
    except OSError as error:
        return {}, "no bus", error.strerror or "no answer"
    except (EOFError, DBusFastError) as error:
        return {}, "no bus", str(error) or "no answer"
    ask = Message(
        destination="org.bluez",
        path="/",
        interface="org.freedesktop.DBus.ObjectManager",
        member="GetManagedObjects",
    )
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            reply = await bus.call(ask)
    except (OSError, EOFError, DBusFastError) as error:
        return {}, "no BlueZ", str(error) or "no answer"
    finally:
        bus.disconnect()
    if reply.message_type is MessageType.METHOD_RETURN:
        objects: dict[str, Any] = unpack_variants(reply.body[0])
        return objects, None, ""
    denied = reply.error_name == "org.freedesktop.DBus.Error.AccessDenied"
    return {}, "no permission" if denied else "no BlueZ", reply.error_name or ""
