"""`hiprep store` and `hiprep db init`, as people run them."""

import argparse
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.commands import CommandError, db, store
from pipeline.delivery.book import Book
from pipeline.delivery.keeper import Keeper
from pipeline.delivery.messages import event_topic, to_payload
from pipeline.delivery.sinks import Sink
from pipeline.settings import (
    InfluxSettings,
    MqttSettings,
    Settings,
    StoreSettings,
    default_path,
    dumps,
    load,
)
from tests.integration.influx import InfluxServer, influx_server
from tests.integration.mosquitto import free_ports, listening, mosquitto, until
from tests.pipeline.delivery.made import message

ROOT = Path(__file__).parents[2]
_RUN = (
    "import argparse, sys; from pipeline.commands import store; "
    "sys.exit(store.run(argparse.Namespace(resend=None)))"
)


@pytest.fixture
def influx(tmp_path: Path) -> Iterator[InfluxServer]:
    with influx_server(tmp_path / "influx") as one:
        yield one


def _settings(
    patch: pytest.MonkeyPatch, folder: Path, mqtt_url: str | None, influx: InfluxSettings | None
) -> Path:
    """The settings file -> that of the book."""
    path, book = folder / "settings.toml", folder / "keep" / "store.db"
    mqtt = MqttSettings(mqtt_url) if mqtt_url else None
    path.write_text(dumps(Settings(mqtt=mqtt, influx=influx, store=StoreSettings(book))))
    patch.setenv("HIPREP_SETTINGS", str(path))
    return book


def _store(resend: Path | None = None) -> int:
    return store.run(argparse.Namespace(resend=resend))


def test_init_says_what_there_is_now(
    influx: InfluxServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    _settings(monkeypatch, tmp_path, None, influx.settings())
    assert db.run(argparse.Namespace(what="init", algorithm=None, session=None)) == 0
    assert "database gym\n" in capsys.readouterr().out


def test_without_a_database_there_is_nothing_to_make(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _settings(monkeypatch, tmp_path, None, None)
    with pytest.raises(CommandError, match=r"no table \[influx\]"):
        db.run(argparse.Namespace(what="init", algorithm=None, session=None))


def test_without_a_broker_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _settings(monkeypatch, tmp_path, None, None)
    with pytest.raises(CommandError, match="mqtt: missing"):
        _store()


def test_wrong_settings_of_the_database_end_it_at_once(
    influx: InfluxServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _settings(monkeypatch, tmp_path, "mqtt://127.0.0.1:1", influx.settings("gym", "wrong"))
    with pytest.raises(CommandError, match=r"^influx\.password: "):
        _store()


def test_it_keeps_until_it_is_told_to_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with mosquitto(tmp_path / "mosquitto") as broker:
        book = _settings(monkeypatch, tmp_path, broker.url, None)
        running = subprocess.Popen(
            [sys.executable, "-c", _RUN], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        with listening(broker.broker(), "hiprep/#") as gateway:
            until(lambda: gateway.payloads("store/status"), "the store is there")
            gateway.publish(event_topic(message()), to_payload(message()))
            until(lambda: gateway.payloads("/receipt"), "the receipt")
            running.send_signal(signal.SIGTERM)
            told = running.communicate(timeout=30)[0]
    assert running.returncode == 0
    assert str(book) in told
    assert "kept 1, " in told
    with Book(book) as kept:
        assert list(kept.messages("rep")) == [message()]


def test_it_waits_for_broker_and_database_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mqtt, database = free_ports(2)
    away = InfluxSettings(f"http://127.0.0.1:{database}", database="gym")
    _settings(monkeypatch, tmp_path, f"mqtt://127.0.0.1:{mqtt}", away)
    running = subprocess.Popen(
        [sys.executable, "-c", _RUN],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert running.stderr
    lines = [running.stderr.readline(), running.stderr.readline()]
    running.send_signal(signal.SIGINT)
    running.communicate(timeout=30)
    assert running.returncode == 0
    assert "influx.url: " in lines[0]
    assert "mqtt.url: " in lines[1]


def test_what_was_refused_is_sent_again(
    influx: InfluxServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = _settings(monkeypatch, tmp_path, None, influx.settings())
    db.run(argparse.Namespace(what="init", algorithm=None, session=None))
    influx.query("ALTER RETENTION POLICY events ON gym DURATION 1h SHARD DURATION 1h")
    with Book(path) as book:
        sinks: list[Sink] = store.sinks_of(load(default_path()))
        keeper = Keeper(book, sinks)
        keeper.keep([message(1), message(2)])
    assert keeper.counts.refused == 2
    influx.query("ALTER RETENTION POLICY events ON gym DURATION INF")
    assert _store(resend=keeper.refused.path) == 0
    assert "sent 2, refused again 0" in capsys.readouterr().out
    assert len(influx.query("SELECT * FROM rep")) == 2
    with pytest.raises(CommandError, match="no such file"):
        _store(resend=keeper.refused.path)
