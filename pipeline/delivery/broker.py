"""A broker's address and credentials, and what is wrong where it cannot be reached, in words."""

import socket
import ssl
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit

_PORTS = {"mqtt": 1883, "mqtts": 8883}


class MqttError(Exception):
    """No connection to the broker, and why: one line that names the setting and the cure."""


@dataclass(frozen=True, slots=True)
class Broker:
    """Where the broker is and who we are to it.

    url: mqtt:// or mqtts:// (TLS) with a host, and a port if it is not 1883 or 8883. ca: what the
    broker's certificate is checked with, None for the system's own. cert, key: of this client; the
    key may be in the same file. MqttError for what cannot be used.
    """

    url: str
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    ca: Path | None = None
    cert: Path | None = None
    key: Path | None = None
    host: str = field(init=False)
    port: int = field(init=False)
    tls: bool = field(init=False)

    def __post_init__(self) -> None:
        try:
            parts = urlsplit(self.url)
            port = parts.port if parts.port is not None else _PORTS.get(parts.scheme, 0)
        except ValueError:  # a port that is none
            parts, port = urlsplit(""), 0
        if "@" in self.url:
            raise MqttError("mqtt.url: user and password belong in mqtt.user and mqtt.password")
        if parts.scheme not in _PORTS or not parts.hostname or not port:
            raise MqttError(f"mqtt.url: {self.url!r} is not like mqtts://broker.example:8883")
        if self.password is not None and self.user is None:
            raise MqttError("mqtt.user: missing: the password has to be somebody's")
        if self.key and not self.cert:
            raise MqttError("mqtt.cert: missing: the key needs its certificate")
        object.__setattr__(self, "host", parts.hostname)
        object.__setattr__(self, "port", port)
        object.__setattr__(self, "tls", parts.scheme == "mqtts")
        if not self.tls and (self.ca or self.cert):
            raise MqttError("mqtt.ca: is used with TLS only: the url must begin with mqtts://")

    def context(self) -> ssl.SSLContext:
        """The TLS context, read from the files anew. Raises MqttError."""
        try:
            context = ssl.create_default_context(cafile=self.ca)
        except OSError as error:
            raise MqttError(f"mqtt.ca: {self.ca}: {_of_file(error)}") from error
        context.sslsocket_class = _Socket
        if self.cert:
            try:
                context.load_cert_chain(self.cert, self.key, password=_no_passphrase)
            except OSError as error:
                told = "key" if self.key else "cert"
                files = " and ".join(map(str, filter(None, (self.cert, self.key))))
                raise MqttError(f"mqtt.{told}: {files}: {_of_file(error)}") from error
        return context

    def unreachable(self, error: OSError | ValueError) -> MqttError:
        """What an attempt to connect met."""
        place = f"{self.host}:{self.port}"
        if isinstance(error, socket.gaierror | UnicodeError):
            told = f"mqtt.url: the host {self.host} is not found: check its name, or the network"
        elif isinstance(error, ssl.SSLCertVerificationError):
            told = self._distrust(error)
        elif isinstance(error, ssl.SSLError):
            told = (
                f"mqtt.url: {place} does not speak TLS as we do ({_reason(error)}): "
                "with mqtts:// it must be the broker's TLS port, often 8883"
            )
        elif isinstance(error, ConnectionRefusedError):
            told = f"mqtt.url: nothing listens at {place}: is the broker running, on that port?"
        elif isinstance(error, TimeoutError):
            told = f"mqtt.url: {place} does not answer: check the address, and firewalls between"
        elif isinstance(error, ConnectionResetError) and self.tls:
            told = f"mqtt.url: {place} broke off: mqtts:// needs the broker's TLS port, often 8883"
        else:
            told = (
                f"mqtt.url: {place} cannot be reached: {getattr(error, 'strerror', None) or error}"
            )
        return MqttError(told)

    def unanswered(self, said: Iterable[str]) -> MqttError:
        """A connection that ended without a greeting. said: what was logged until then."""
        place = f"{self.host}:{self.port}"
        heard = " ".join(said).upper().replace("_", " ")
        if "CERTIFICATE REQUIRED" in heard or "HANDSHAKE FAILURE" in heard:
            return MqttError(f"mqtt.cert: {place} wants a certificate of ours, and a key")
        if "UNKNOWN CA" in heard or "BAD CERTIFICATE" in heard or "CERTIFICATE EXPIRED" in heard:
            return MqttError(f"mqtt.cert: {place} does not accept the certificate {self.cert}")
        guess = "wrong user or password?" if self.user else "a user and password wanted?"
        other = "a certificate wanted (mqtt.cert)?" if self.tls else "TLS wanted (mqtts://)?"
        names = "mqtt.url, mqtt.user, mqtt.password"
        return MqttError(f"{names}: no answer from {place}: {guess} {other} no MQTT broker?")

    def refused(self, reason: str) -> MqttError:
        """A greeting that says no. reason: as MQTT calls it."""
        place = f"{self.host}:{self.port}"
        if reason in ("Not authorized", "Bad user name or password"):
            who = f"as {self.user}" if self.user else "without a user"
            return MqttError(f"mqtt.user, mqtt.password: {place} does not let us in {who}")
        return MqttError(f"mqtt.url: {place} refuses us: {reason}")

    def _distrust(self, error: ssl.SSLCertVerificationError) -> str:
        place = f"{self.host}:{self.port}"
        told = error.verify_message
        if "mismatch" in told.lower() or "not valid for" in told:
            return f"mqtt.url: the certificate of {place} is for another name: {told}"
        if "expired" in told or "not yet valid" in told:
            return f"mqtt.url: the certificate of {place} is out of date ({told}): renew it there"
        return (
            f"mqtt.ca: the certificate of {place} is not trusted ({told}): "
            "name the file of the authority that signed it"
        )


class _Socket(ssl.SSLSocket):
    """Closed where its handshake fails: paho leaves it open."""

    def do_handshake(self, block: bool = False) -> None:
        try:
            super().do_handshake(block)
        except BaseException:
            self.close()
            raise


def _of_file(error: OSError) -> str:
    if isinstance(error, ssl.SSLError):
        return f"cannot be used ({_reason(error)}): PEM files that belong together, no passphrase"
    return f"cannot be read: {error.strerror}"


def _reason(error: ssl.SSLError) -> str:
    return str(getattr(error, "reason", None) or error).lower().replace("_", " ")


def _no_passphrase() -> NoReturn:
    """Instead of the question that OpenSSL would ask on the terminal."""
    raise ssl.SSLError(1, "the key has a passphrase")
