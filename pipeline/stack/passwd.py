"""The password file of mosquitto: a line for each user, its name and a hash of its password.

Source: mosquitto_passwd(1) of mosquitto 2.0; PBKDF2 is in RFC 8018.
"""

import base64
import binascii
import hashlib
import hmac
import os
import re
from pathlib import Path

from pipeline.stack import StackError

# As mosquitto_passwd has them. So few rounds are enough here: nobody guesses a random password.
_ROUNDS, _SALT_BYTES = 101, 12
_LINE = re.compile(r"([^:\s]+):(\$[67]\$\S+)")
_HASH = re.compile(r"\$7\$([1-9][0-9]{0,8})\$([A-Za-z0-9+/=]+)\$([A-Za-z0-9+/=]+)")


def mosquitto_hash(password: str) -> str:
    """PBKDF2 with SHA-512 and a random salt, as ``$7$ROUNDS$SALT$HASH``; both in base64."""
    salt = os.urandom(_SALT_BYTES)
    parts = (salt, _derived(password, salt, _ROUNDS))
    return f"$7${_ROUNDS}$" + "$".join(base64.b64encode(part).decode() for part in parts)


def fits(password: str, hashed: str) -> bool:
    """Whether it is the hash of that password; never for one of another kind."""
    parts = _HASH.fullmatch(hashed)
    if parts is None:
        return False
    try:
        salt, derived = base64.b64decode(parts[2]), base64.b64decode(parts[3])
    except binascii.Error:
        return False
    return hmac.compare_digest(_derived(password, salt, int(parts[1])), derived)


def parsed(text: str, path: Path) -> dict[str, str]:
    """User -> hash. path: of the file, for the StackError that names a line that is none."""
    users = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        found = _LINE.fullmatch(line.strip())
        if found is None:
            raise StackError(
                f"{path}: line {number} is no user with a hashed password: correct it or delete it"
            )
        users[found[1]] = found[2]
    return users


def unparsed(users: dict[str, str]) -> str:
    """The text again."""
    return "".join(f"{name}:{hashed}\n" for name, hashed in users.items())


def _derived(password: str, salt: bytes, rounds: int) -> bytes:
    return hashlib.pbkdf2_hmac("sha512", password.encode(), salt, rounds)
