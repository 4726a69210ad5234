"""What has gone wrong with Bluetooth, for people: one line that names the thing and its cure."""

REACH = "switch it off and on, come closer, and disconnect it from phones"

_OFF = (
    "Bluetooth is off: switch it on with `bluetoothctl power on`; "
    "if it is blocked, first `rfkill unblock bluetooth`"
)
_NO_ADAPTER = "no Bluetooth adapter: plug one in, or use a computer that has one"
_NO_LOW_ENERGY = "the Bluetooth adapter cannot connect to Low Energy sensors: plug in one that can"
_DENIED = (
    "no permission to use Bluetooth: on Linux `sudo usermod -aG bluetooth $USER` and log in "
    "again, elsewhere allow it in the system's settings"
)
_NO_BLUEZ = "BlueZ is not running: start it with `sudo systemctl start bluetooth`"
_RESTART = "wait a moment; if it stays so, `sudo systemctl restart bluetooth`"
_BUSY = f"Bluetooth is busy with another scan or connection: {_RESTART}"
NO_DBUS = (
    "D-Bus cannot be reached: start it with `sudo systemctl start dbus`; "
    "in a container, share /run/dbus with it"
)
_PAIR = "{who} lets nobody in without pairing: `bluetoothctl pair {address}`, then start again"
_GONE = "{who} is not there any more: " + REACH

# By the name that Bleak, D-Bus or the Bluetooth specification has for it.
_WORDS = {
    "NO_BLUETOOTH": _NO_ADAPTER,
    "NO_BLE_CENTRAL_ROLE": _NO_LOW_ENERGY,
    "POWERED_OFF": _OFF,
    "DENIED_BY_USER": _DENIED,
    "DENIED_BY_SYSTEM": _DENIED,
    "DENIED_BY_UNKNOWN": _DENIED,
    "UNKNOWN": _OFF,
    "org.freedesktop.DBus.Error.AccessDenied": _DENIED,
    "org.freedesktop.DBus.Error.NameHasNoOwner": _NO_BLUEZ,
    "org.freedesktop.DBus.Error.ServiceUnknown": _NO_BLUEZ,
    "org.freedesktop.DBus.Error.UnknownObject": _GONE,
    "org.bluez.Error.AuthenticationCanceled": _PAIR,
    "org.bluez.Error.AuthenticationFailed": _PAIR,
    "org.bluez.Error.AuthenticationRejected": _PAIR,
    "org.bluez.Error.AuthenticationTimeout": _PAIR,
    "org.bluez.Error.DoesNotExist": _GONE,
    "org.bluez.Error.InProgress": _BUSY,
    "org.bluez.Error.NotAuthorized": _PAIR,
    "org.bluez.Error.NotPermitted": _PAIR,
    "org.bluez.Error.NotReady": _OFF,
    "INSUFFICIENT_AUTHENTICATION": _PAIR,
    "INSUFFICIENT_AUTHORIZATION": _PAIR,
    "INSUFFICIENT_ENCRYPTION": _PAIR,
    "INSUFFICIENT_ENCRYPTION_KEY_SIZE": _PAIR,
}


def words(name: str, text: str, who: str, address: str) -> str:
    """name: of the fault, "" if it has none. text: what Bleak says. who, address: of the sensor,
    address "" if it is about Bluetooth on the whole.
    """
    if name in _WORDS:
        return _WORDS[name].format(who=who, address=address)
    if text.startswith("adapter ") and text.endswith(" not found"):
        return f"Bluetooth {text}: `bluetoothctl list` shows those there are"
    if text.startswith("device ") and text.endswith(" not found"):
        return _GONE.format(who=who)
    cure = REACH if address else _RESTART
    return f"{who} failed ({' '.join(text.split())}): {cure}"


def unanswered(who: str, address: str) -> str:
    """The same for what took too long."""
    return f"{who} does not answer: {REACH if address else _RESTART}"
