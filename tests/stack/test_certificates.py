import ssl
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from pipeline.stack import StackError
from pipeline.stack.certificates import (
    CA_DAYS,
    RENEWED_DAYS,
    SERVER_DAYS,
    hosts_of,
    make_ca,
    make_server_certificate,
    server_certificate,
)
from tests.needs import needed

_NOW = datetime.now(UTC).replace(microsecond=0)
_TURNS = 10  # of a handshake, far more than it takes


@pytest.fixture
def ca(tmp_path: Path) -> Path:
    folder = tmp_path / "ca"
    folder.mkdir()
    assert make_ca(folder, now=_NOW) == "made"
    return folder


@pytest.fixture
def server(tmp_path: Path, ca: Path) -> Path:
    folder = tmp_path / "mosquitto"
    folder.mkdir()
    assert make_server_certificate(ca, folder, ["gym.local"], now=_NOW) == "made"
    return folder


def _certificate(folder: Path) -> x509.Certificate:
    found = server_certificate(folder)
    assert found is not None
    return found


def _shake_hands(ca: Path, server: Path, host: str) -> None:
    """As a client does that trusts the authority. Raises SSLError."""
    theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    theirs.load_cert_chain(server / "server.crt", server / "server.key")
    ours = ssl.create_default_context(cafile=ca / "ca.crt")
    ours.verify_flags |= ssl.VERIFY_X509_STRICT  # as newer Pythons do by themselves
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [
        ours.wrap_bio(back, there, server_hostname=host),
        theirs.wrap_bio(there, back, server_side=True),
    ]
    for _ in range(_TURNS):
        for one in list(ends):
            try:
                one.do_handshake()
            except ssl.SSLWantReadError:
                continue
            ends.remove(one)
    assert not ends


def test_clients_that_trust_the_authority_trust_the_server(ca: Path, server: Path) -> None:
    for host in ("localhost", "127.0.0.1", "gym.local"):
        _shake_hands(ca, server, host)
    with pytest.raises(ssl.SSLCertVerificationError, match=r"not valid for 'elsewhere\.example'"):
        _shake_hands(ca, server, "elsewhere.example")


def test_keys_are_elliptic_and_only_their_owner_can_read_them(ca: Path, server: Path) -> None:
    for certificate in (_certificate(server), _ca(ca)):
        key = certificate.public_key()
        assert isinstance(key, ec.EllipticCurvePublicKey)
        assert isinstance(key.curve, ec.SECP256R1)
    if sys.platform != "win32":
        for file in (ca / "ca.key", server / "server.key"):
            assert file.stat().st_mode & 0o777 == 0o600


def test_both_hold_as_long_as_they_should(ca: Path, server: Path) -> None:
    assert _ca(ca).not_valid_after_utc == _NOW + timedelta(days=CA_DAYS)
    assert _certificate(server).not_valid_after_utc == _NOW + timedelta(days=SERVER_DAYS)
    # A client whose clock is hours late trusts them, too.
    for certificate in (_ca(ca), _certificate(server)):
        assert certificate.not_valid_before_utc <= _NOW - timedelta(hours=12)


def test_another_time_changes_nothing(ca: Path, server: Path) -> None:
    before = _contents(ca, server)
    assert make_ca(ca) is None
    assert make_server_certificate(ca, server, ["GYM.local"]) is None
    assert _contents(ca, server) == before


def test_it_is_renewed_in_its_last_days_with_the_same_key_and_hosts(ca: Path, server: Path) -> None:
    key = (server / "server.key").read_bytes()
    ends = _NOW + timedelta(days=SERVER_DAYS)
    soon = ends - timedelta(days=RENEWED_DAYS)
    assert make_server_certificate(ca, server, [], now=soon) is None
    late = soon + timedelta(seconds=1)
    done = make_server_certificate(ca, server, [], now=late)
    assert done == f"renewed: it was valid until {ends:%Y-%m-%d}"
    assert _certificate(server).not_valid_after_utc == late + timedelta(days=SERVER_DAYS)
    assert "gym.local" in hosts_of(_certificate(server))
    assert (server / "server.key").read_bytes() == key


def test_it_is_renewed_for_another_host_and_keeps_those_it_had(ca: Path, server: Path) -> None:
    done = make_server_certificate(ca, server, ["192.168.1.5", "fd00::5"])
    assert done == "renewed: for 192.168.1.5, fd00::5 too"
    for host in ("gym.local", "192.168.1.5", "fd00::5"):
        _shake_hands(ca, server, host)


def test_it_never_holds_longer_than_its_authority(ca: Path, server: Path) -> None:
    ends = _NOW + timedelta(days=CA_DAYS)
    late = ends - timedelta(days=30)
    assert make_server_certificate(ca, server, [], now=late)
    assert _certificate(server).not_valid_after_utc == ends
    assert make_server_certificate(ca, server, [], now=late) is None


def test_a_new_authority_signs_it_anew(ca: Path, server: Path) -> None:
    for file in ca.iterdir():
        file.unlink()
    make_ca(ca)
    assert make_server_certificate(ca, server, []) == "renewed: it was of another authority"
    _shake_hands(ca, server, "gym.local")


def test_what_an_interrupted_start_left_is_made_whole(ca: Path, server: Path) -> None:
    """A key is written before its certificate."""
    trusted = (ca / "ca.crt").read_bytes()
    (ca / "ca.crt").unlink()
    (server / "server.key").unlink()
    assert make_ca(ca) == "made"
    assert make_server_certificate(ca, server, []) == "renewed: it was of another key"
    _shake_hands(ca, server, "gym.local")
    (ca / "ca.crt").write_bytes(trusted)  # as gateways have it
    _shake_hands(ca, server, "gym.local")


def test_a_certificate_of_somebody_elses_authority_is_left_alone(
    tmp_path: Path, ca: Path, server: Path
) -> None:
    own = ("-keyout", server / "server.key", "-out", server / "server.crt")
    _openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=gym.example", *own)
    before = _contents(tmp_path, server)
    assert make_server_certificate(ca, server, ["gym.local"]) is None
    assert _contents(tmp_path, server) == before


@pytest.mark.parametrize("damage", ["", "-----BEGIN", "-----BEGIN CERTIFICATE-----\nAAAA\n"])
@pytest.mark.parametrize("name", ["ca/ca.key", "ca/ca.crt", "mosquitto/server.key"])
def test_what_is_damaged_is_named_and_not_overwritten(
    tmp_path: Path, ca: Path, server: Path, name: str, damage: str
) -> None:
    file = tmp_path / name
    file.write_text(damage)
    with pytest.raises(StackError) as caught:
        _make_both(ca, server)
    told = str(caught.value)
    assert told.startswith(f"{file}: is empty or no ")
    assert f"hiprep stack init {tmp_path}" in told
    assert "\n" not in told
    assert file.read_text() == damage


def test_a_key_of_another_kind_is_not_used(ca: Path, server: Path) -> None:
    _openssl("genrsa", "-out", ca / "ca.key", "2048")
    with pytest.raises(StackError, match="another kind"):
        _make_both(ca, server)


def test_an_authority_without_its_key_or_with_another_says_the_cure(
    tmp_path: Path, ca: Path, server: Path
) -> None:
    (ca / "ca.key").write_bytes((server / "server.key").read_bytes())
    _refuses(ca, server, rf"ca\.key: is not the key of ca\.crt.*hiprep stack init {tmp_path}")
    (ca / "ca.key").unlink()
    _refuses(ca, server, rf"ca\.key: is missing.*hiprep stack init {tmp_path}.* each gateway")


def test_an_authority_that_is_out_of_date_says_the_cure(ca: Path) -> None:
    with pytest.raises(StackError, match=r"ca\.crt: is out of date since .*each gateway"):
        make_ca(ca, now=_NOW + timedelta(days=CA_DAYS))


def test_without_an_authority_there_is_no_certificate(tmp_path: Path) -> None:
    with pytest.raises(StackError, match="has no authority: run hiprep stack init"):
        make_server_certificate(tmp_path, tmp_path, [])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "host", ["", "a b", "*.local", "gym:8883", "mqtts://gym", "300.1.1.1", "a..b", "å", "a" * 64]
)
def test_what_is_no_host_is_refused_by_name(ca: Path, server: Path, host: str) -> None:
    with pytest.raises(StackError, match="is no name of a computer and no address") as caught:
        make_server_certificate(ca, server, [host])
    assert repr(host) in str(caught.value)


def _openssl(*words: str | Path) -> None:
    program = needed("sudo apt-get install openssl", "openssl")
    subprocess.run([program, *words], check=True, capture_output=True)


def _refuses(ca: Path, server: Path, match: str) -> None:
    with pytest.raises(StackError, match=match):
        _make_both(ca, server)


def _make_both(ca: Path, server: Path) -> None:
    make_ca(ca)
    make_server_certificate(ca, server, [])


def _ca(folder: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate((folder / "ca.crt").read_bytes())


def _contents(*folders: Path) -> dict[Path, tuple[bytes, int]]:
    files = [file for folder in folders for file in folder.iterdir() if file.is_file()]
    return {file: (file.read_bytes(), file.stat().st_mtime_ns) for file in files}
