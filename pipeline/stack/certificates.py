"""Certificates for TLS: an authority of one's own, and those that it signs for servers.

The only importer of cryptography. Elliptic keys on P-256 (RFC 5480), certificates as in RFC 5280.
"""

import ipaddress
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from pipeline.stack import StackError
from pipeline.stack.files import PUBLIC_MODE, damaged, read, write

CA_DAYS, SERVER_DAYS, RENEWED_DAYS = 3650, 730, 60
ALWAYS = ("localhost", "127.0.0.1")
"""The hosts of each server, since it is also reached from its own computer."""

_LABEL = r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_HOST = re.compile(rf"({_LABEL}\.)*(?!\d+$){_LABEL}")
# Clocks of small computers are late by hours before they have a network.
_LATE = timedelta(days=1)


def make_ca(folder: Path, *, now: datetime | None = None) -> str | None:
    """``ca.key`` and ``ca.crt``, unless they are there -> what was done; None for nothing.

    Raises StackError for what is damaged or out of date.
    """
    now = now or datetime.now(UTC)
    key_file, file = folder / "ca.key", folder / "ca.crt"
    key, ca = _key_in(key_file), _certificate_in(file)
    if ca is None:
        if key is None:
            key = _new_key(key_file)
        # The same key again makes what trusts an older certificate trust this one, too.
        write(file, _pem(_signed_by_itself(key, now)), mode=PUBLIC_MODE)
        return "made"
    if key is None:
        raise StackError(
            f"{key_file}: is missing: put it back, from a backup; or delete {file} too, run "
            f"hiprep stack init {folder.parent} again, and take the new ca.crt to each gateway"
        )
    if key.public_key() != ca.public_key():
        raise damaged(key_file, f"is not the key of {file.name}")
    if ca.not_valid_after_utc <= now:
        raise StackError(
            f"{file}: is out of date since {ca.not_valid_after_utc:%Y-%m-%d}: delete it, run "
            f"hiprep stack init {folder.parent} again, and take the new ca.crt to each gateway"
        )
    return None


def make_server_certificate(
    ca_folder: Path, folder: Path, hosts: Sequence[str], *, now: datetime | None = None
) -> str | None:
    """``server.key`` and ``server.crt`` for these hosts -> what was done; None for nothing.

    Renewed in its last 60 days, when it lacks a host, and when the authority is another one; the
    key and the hosts that it had stay. A certificate of somebody else's authority is left alone.
    hosts: names and addresses, beside those of this computer. Raises StackError.
    """
    now = now or datetime.now(UTC)
    ca, ca_key = _authority(ca_folder)
    key_file, file = folder / "server.key", folder / "server.crt"
    wanted = [_told(_name(host)) for host in (*ALWAYS, *hosts)]
    there = _certificate_in(file)
    if there is not None and there.issuer != ca.subject:
        return None
    key = _key_in(key_file)
    done = "made" if there is None else _renewal(there, key, ca, wanted, now)
    if done is None:
        return None
    if key is None:
        key = _new_key(key_file)
    names = dict.fromkeys([*wanted, *(hosts_of(there) if there else ())])
    write(file, _pem(_signed(key, ca, ca_key, names, now)), mode=PUBLIC_MODE)
    return done


def server_certificate(folder: Path) -> x509.Certificate | None:
    """The ``server.crt`` in there; None if there is none. Raises StackError."""
    return _certificate_in(folder / "server.crt")


def hosts_of(certificate: x509.Certificate) -> list[str]:
    """The names and addresses that it is for."""
    try:
        extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return []
    kinds = (x509.DNSName, x509.IPAddress)
    return [_told(name) for name in extension.value if isinstance(name, kinds)]


def _renewal(
    there: x509.Certificate,
    key: ec.EllipticCurvePrivateKey | None,
    ca: x509.Certificate,
    wanted: Sequence[str],
    now: datetime,
) -> str | None:
    """Why it has to be renewed, in words; None if it does not."""
    if key is None or key.public_key() != there.public_key():
        return "renewed: it was of another key"
    try:
        there.verify_directly_issued_by(ca)
    except (InvalidSignature, ValueError, TypeError):
        return "renewed: it was of another authority"
    if missing := [host for host in wanted if host not in hosts_of(there)]:
        return f"renewed: for {', '.join(missing)} too"
    until = there.not_valid_after_utc
    # Nothing is signed for longer than the authority itself holds.
    if until - now < timedelta(days=RENEWED_DAYS) and until < ca.not_valid_after_utc:
        return f"renewed: it was valid until {until:%Y-%m-%d}"
    return None


def _authority(folder: Path) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    ca, key = _certificate_in(folder / "ca.crt"), _key_in(folder / "ca.key")
    if ca is None or key is None:
        raise StackError(f"{folder}: has no authority: run hiprep stack init {folder.parent}")
    return ca, key


def _signed_by_itself(key: ec.EllipticCurvePrivateKey, now: datetime) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "hiprep CA")])
    builder = _builder(name, name, key, now, now + timedelta(days=CA_DAYS))
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(_usage(signs_certificates=True), critical=True)
    return builder.sign(key, hashes.SHA256())


def _signed(
    key: ec.EllipticCurvePrivateKey,
    ca: x509.Certificate,
    ca_key: ec.EllipticCurvePrivateKey,
    hosts: Iterable[str],
    now: datetime,
) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "hiprep server")])
    until = min(now + timedelta(days=SERVER_DAYS), ca.not_valid_after_utc)
    issuer_key = x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key())
    use = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
    return (
        _builder(name, ca.subject, key, now, until)
        .add_extension(x509.SubjectAlternativeName(map(_name, hosts)), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(use, critical=False)
        .add_extension(issuer_key, critical=False)
        .sign(ca_key, hashes.SHA256())
    )


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    now: datetime,
    until: datetime,
) -> x509.CertificateBuilder:
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    return (
        x509.CertificateBuilder(subject_name=subject, issuer_name=issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _LATE)
        .not_valid_after(until)
        .add_extension(identifier, critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _name(host: str) -> x509.DNSName | x509.IPAddress:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        pass
    if len(host) > 253 or not _HOST.fullmatch(host):
        raise StackError(
            f"{host!r} is no name of a computer and no address, such as gym.local or 192.168.1.5"
        )
    return x509.DNSName(host.lower())


def _told(name: x509.DNSName | x509.IPAddress) -> str:
    return str(name.value)


def _new_key(file: Path) -> ec.EllipticCurvePrivateKey:
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    write(file, pem)
    return key


def _key_in(file: Path) -> ec.EllipticCurvePrivateKey | None:
    data = read(file)
    if data is None:
        return None
    try:
        key = serialization.load_pem_private_key(data, None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise damaged(file, "is empty or no private key") from None
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise damaged(file, "is a key of another kind than those made here")
    return key


def _certificate_in(file: Path) -> x509.Certificate | None:
    data = read(file)
    if data is None:
        return None
    try:
        return x509.load_pem_x509_certificate(data)
    except ValueError:
        raise damaged(file, "is empty or no certificate") from None


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
