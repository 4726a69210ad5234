from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.commands.run import _completed, _embedded
from pipeline.delivery.embedded import EmbeddedBroker
from pipeline.settings import MqttSettings, PageSettings, Settings, StoreSettings

BROKER = MqttSettings("mqtt://broker.example")
STORE = StoreSettings(Path("/srv/store.db"))


@pytest.fixture
def embedded() -> Iterator[EmbeddedBroker]:
    broker = EmbeddedBroker()  # not started
    yield broker
    broker.forget()


def test_without_settings_there_is_a_broker_a_store_and_a_page(embedded: EmbeddedBroker) -> None:
    whole = _completed(Settings(), "auto", embedded, lan=False)
    assert whole.mqtt == MqttSettings(embedded.url, receipts=True)
    assert whole.store == StoreSettings()
    assert whole.page == PageSettings(lan=False)


def test_a_store_of_the_settings_is_kept(embedded: EmbeddedBroker) -> None:
    assert _completed(Settings(store=STORE), "auto", embedded, lan=False).store == STORE


@pytest.mark.parametrize("lan", [False, True])
def test_with_a_broker_there_is_a_page_if_it_is_asked_for(*, lan: bool) -> None:
    without = _completed(Settings(mqtt=BROKER), "auto", None, lan=lan)
    assert without.page == (PageSettings(lan=True) if lan else None)
    asked = Settings(mqtt=BROKER, page=PageSettings(port=99))
    assert _completed(asked, "auto", None, lan=lan).page == PageSettings(port=99, lan=lan)


def test_what_the_settings_allow_is_not_taken_back() -> None:
    asked = Settings(mqtt=BROKER, page=PageSettings(lan=True, tls=True))
    assert _completed(asked, "auto", None, lan=False) == asked


def test_another_broker_takes_the_place_of_that_of_the_settings() -> None:
    whole = _completed(Settings(mqtt=BROKER, store=STORE), "mqtt://other.example", None, lan=False)
    assert whole.mqtt == MqttSettings("mqtt://other.example", receipts=True)


def test_only_where_no_broker_is_named_is_there_one_of_our_own() -> None:
    named = Settings(mqtt=BROKER)
    assert _embedded(named, "auto", None) is None  # type: ignore[arg-type]  # nothing is begun
    assert _embedded(Settings(), "mqtt://other.example", None) is None  # type: ignore[arg-type]


def test_receipts_are_waited_for_only_where_a_store_is() -> None:
    assert _completed(Settings(mqtt=BROKER), "auto", None, lan=False).mqtt == BROKER
    whole = _completed(Settings(mqtt=BROKER, store=STORE), "auto", None, lan=False)
    assert whole.mqtt == replace(BROKER, receipts=True)
