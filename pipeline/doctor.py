"""What is well with this host, what is not, and the cure."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from sensor.adapter import Adapter, Bluetooth

_MIN_BLUEZ = (5, 55)  # of Bleak 3

Level = Literal["ok", "warning", "problem"]


@dataclass(frozen=True, slots=True)
class Finding:
    """about: a word or two. text: what was found. cure: what to do, "" if nothing needs doing."""

    level: Level
    about: str
    text: str
    cure: str = ""


def python_findings(versions: Mapping[str, str | None]) -> list[Finding]:
    """Python and the packages that talk to Bluetooth: name -> version, None if not there."""
    python = ".".join(str(part) for part in sys.version_info[:3])
    parts = [Finding("ok", "Python", python)]
    for name, version in versions.items():
        if version is None:
            parts.append(Finding("problem", name, "not installed", "install hiprep anew"))
        else:
            parts.append(Finding("ok", name, version))
    return parts


def settings_findings(path: str, problems: Sequence[str] | None, sensors: int) -> list[Finding]:
    """The settings file. problems: None if there is no file."""
    if problems is None:
        text = f"no {path}: the defaults are in use"
        return [Finding("ok", "settings", text, "hiprep init writes one")]
    if problems:
        cure = f"correct {path}, or write it anew: hiprep init"
        return [Finding("problem", "settings", problem, cure) for problem in problems]
    count = f"{sensors or 'no'} sensor{'s' * (sensors != 1)}"
    return [Finding("ok", "settings", f"{path}, {count} in it")]


def bluetooth_findings(host: Bluetooth, wanted: str | None) -> list[Finding]:
    """The host's Bluetooth. wanted: the adapter that the settings name."""
    if host.system != "Linux":
        return [_elsewhere(host.system)]
    findings = [_bus(host), _version(host.bluez_version)]
    if host.fault is None:
        findings += _adapters(host.adapters, wanted)
    if host.board and host.wifi:
        text = f"{host.board}: Wi-Fi is on and may share its antenna with Bluetooth"
        cure = "if packets are lost: use 5 GHz Wi-Fi or a cable, or a USB Bluetooth adapter"
        findings.append(Finding("warning", "Wi-Fi", text, cure))
    return findings


def _elsewhere(system: str) -> Finding:
    if system == "Darwin":
        cure = "if nothing is found: System Settings, Privacy & Security, Bluetooth: allow Terminal"
    elif system == "Windows":
        cure = "if nothing is found: Settings, Bluetooth & devices: switch Bluetooth on"
    else:
        text = f"none is known on {system}"
        return Finding("problem", "Bluetooth", text, "use Linux, macOS or Windows")
    return Finding("ok", "Bluetooth", "shows only by a scan here: hiprep scan", cure)


def _bus(host: Bluetooth) -> Finding:
    if host.fault == "no bus":
        cure = "start it: sudo systemctl start dbus; in a container, mount /run/dbus"
        return Finding("problem", "D-Bus", f"no system bus: {host.detail}", cure)
    if host.fault == "no BlueZ":
        cure = "sudo apt install bluez; sudo systemctl enable --now bluetooth"
        return Finding("problem", "BlueZ", f"does not run: {host.detail}", cure)
    if host.fault == "no permission":
        cure = 'sudo usermod -aG bluetooth "$USER", then log in again'
        return Finding("problem", "permission", f"BlueZ may not be asked: {host.detail}", cure)
    return Finding("ok", "D-Bus", "the system bus and BlueZ answer")


def _version(version: tuple[int, int] | None) -> Finding:
    if version is None:
        text = "not known, bluetoothctl is not there to tell"
        cure = f"see that it is {_dotted(_MIN_BLUEZ)} or newer"
        return Finding("warning", "BlueZ version", text, cure)
    if version < _MIN_BLUEZ:
        text = f"{_dotted(version)} is older than {_dotted(_MIN_BLUEZ)}"
        return Finding("problem", "BlueZ version", text, "upgrade the system, or its bluez package")
    return Finding("ok", "BlueZ version", _dotted(version))


def _adapters(adapters: Sequence[Adapter], wanted: str | None) -> list[Finding]:
    names = [adapter.name for adapter in adapters]
    if not adapters:
        cure = "plug in a Bluetooth adapter (4.0 or newer); in a virtual machine, pass it through"
        return [Finding("problem", "adapter", "there is none", cure)]
    if wanted is not None and wanted not in names:
        text = f"there is no {wanted}, only {', '.join(names)}"
        return [Finding("problem", "adapter", text, "correct adapter in the settings")]
    used = [one for one in adapters if wanted in (None, one.name)]
    # One that is off is no problem as long as another one can be used.
    usable = any(one.powered and one.central for one in used)
    return [_adapter(one, "warning" if usable else "problem") for one in used]


def _adapter(adapter: Adapter, level: Level) -> Finding:
    about = f"{adapter.name} {adapter.address}".rstrip()
    if not adapter.central:
        text = f"{about} cannot connect to sensors (no Bluetooth LE)"
        return Finding(level, "adapter", text, "use another adapter, 4.0 or newer")
    if adapter.blocked:
        return Finding(level, "adapter", f"{about} is blocked", "rfkill unblock bluetooth")
    if not adapter.powered:
        cure = "bluetoothctl power on; if that is refused: rfkill unblock bluetooth"
        return Finding(level, "adapter", f"{about} is off", cure)
    return Finding("ok", "adapter", f"{about} is on")


def _dotted(version: tuple[int, int]) -> str:
    return f"{version[0]}.{version[1]}"
