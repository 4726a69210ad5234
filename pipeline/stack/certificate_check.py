"""The broker's certificate: what a client that knows the authority would say to it."""

import ssl
import time
from pathlib import Path
from typing import NoReturn

from pipeline.doctor import Finding

WARN_DAYS = 30
RENEWAL = "hiprep stack init DIR renews it; then start the broker again"

_DAY_S = 86_400.0
_EXPIRED, _NOT_YET = 10, 9
_OTHER_HOST = (62, 64)  # of a name, of an address
_TURNS = 10  # of a handshake, far more than it takes


def file_findings(folder: Path, host: str | None) -> list[Finding]:
    """The certificate among the secrets that `hiprep stack init` made.

    folder: of all secrets. host: how clients call the broker; None if that is not known.
    """
    cert, key = folder / "mosquitto" / "server.crt", folder / "mosquitto" / "server.key"
    ca = folder / "mosquitto" / "ca.crt"
    if not all(_has_text(file) for file in (cert, key, ca)):
        return []  # the secrets say so
    try:
        ends = _handshake(cert, key, ca, host)
    except ssl.SSLCertVerificationError as error:
        return [distrusted(str(cert), host, error)]
    except ssl.SSLError as error:
        reason = str(error.reason or error).lower().replace("_", " ")
        text = f"{cert} and {key} cannot be used: {reason}"
        return [Finding("problem", "certificate", text, RENEWAL)]
    return [lifetime(str(cert), ends)]


def lifetime(whose: str, ends: str) -> Finding:
    """How long it holds. ends: as the ssl module writes it."""
    left_days = (ssl.cert_time_to_seconds(ends) - time.time()) / _DAY_S
    text = f"{whose} holds for {left_days:.0f} days more"
    if left_days < WARN_DAYS:
        return Finding("warning", "certificate", text, RENEWAL)
    return Finding("ok", "certificate", text)


def distrusted(whose: str, host: str | None, error: ssl.SSLCertVerificationError) -> Finding:
    """Why a client does not trust it, and the cure."""
    cure = RENEWAL
    if error.verify_code == _EXPIRED:
        text = f"{whose} has expired"
    elif error.verify_code == _NOT_YET:
        text = f"{whose} does not hold yet"
        cure = "set the clock: timedatectl set-ntp true"
    elif error.verify_code in _OTHER_HOST:
        text = f"{whose} is not for {host}, as mqtt.url calls the broker"
        cure = f"hiprep stack init DIR --host {host} adds it; then start the broker again"
    else:
        text = f"{whose} is not signed by the authority of mqtt.ca ({error.verify_message})"
        cure = "mqtt.ca must be the ca.crt that hiprep stack init made with it"
    return Finding("problem", "certificate", text, cure)


def _handshake(cert: Path, key: Path, ca: Path, host: str | None) -> str:
    """Both ends of a TLS connection, in memory -> when the certificate ends. Raises SSLError."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(cert, key, password=_no_passphrase)
    client = ssl.create_default_context(cafile=ca)
    client.check_hostname = host is not None
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    ours = client.wrap_bio(back, there, server_hostname=host)
    theirs = server.wrap_bio(there, back, server_side=True)
    waiting = {ours, theirs}
    for _ in range(_TURNS):
        for one in (ours, theirs):
            try:
                one.do_handshake()
            except ssl.SSLWantReadError:
                continue
            waiting.discard(one)
        if not waiting:
            break
    return str((ours.getpeercert() or {})["notAfter"])


def _has_text(file: Path) -> bool:
    try:
        return bool(file.read_bytes())
    except OSError:
        return False


def _no_passphrase() -> NoReturn:
    """Instead of the question that OpenSSL would ask on the terminal."""
    raise ssl.SSLError(1, "the key has a passphrase")
