"""A model session through all of `hiprep run` but the radio, in a thread, beside its truth."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from pipeline.commands.run_service import Service
from pipeline.delivery.book import Book
from pipeline.delivery.embedded import EmbeddedBroker
from pipeline.delivery.messages import Kind, Message
from pipeline.settings import (
    Athlete,
    MqttSettings,
    PageSettings,
    SensorEntry,
    Settings,
    StoreSettings,
)
from sensor.link import Advertisement
from sensor.simulator import SessionSpec, SetPlan, Tempo
from sensor.simulator.peripherals import Notification
from sensor.simulator.radio import ModelRadio, _Link
from sensor.simulator.session import Simulation
from tests.integration.mosquitto import PATIENCE_S, free_ports, until

Json = dict[str, Any]

DEVICE, ATHLETE = "belt", "anna"
SPEED = 5.0
REST_S, SET_TIMEOUT_S = 12.0, 6.0  # short, as the tests are to be
EASY = Tempo(eccentric_s=1.4, bottom_s=0.4, concentric_s=1.0, top_s=1.4)


def session(*sets: SetPlan, seed: int = 4) -> SessionSpec:
    """Sets of a lifter who lies ready."""
    return SessionSpec(sets=sets, around=False, rest_s=REST_S, slip_chance=0.0, seed=seed)


class HeldRadio(ModelRadio):
    """The lifter begins when told to; what was truly lifted, and when, is kept.

    drop_after: a sensor drop of so many seconds, at the bottom after this (set, rep).
    """

    def __init__(
        self,
        sessions: Iterable[SessionSpec],
        *,
        speed: float,
        drop_after: tuple[int, int, float] | None = None,
    ) -> None:
        super().__init__(sessions, speed=speed)
        self.go = threading.Event()
        self.lifted: Simulation | None = None
        self.first_s: float | None = None
        self._after = drop_after

    async def connect(
        self, seen: Advertisement, packet: Callable[[int, bytes], None], lost: Callable[[], None]
    ) -> _Link:
        while not self.go.is_set():  # noqa: ASYNC110  # it is set in another thread
            await asyncio.sleep(0.01)
        return await super().connect(seen, packet, lost)

    def wall_s(self, true_s: float) -> float:
        """When a moment of the session was, in seconds since 1970."""
        assert self.first_s is not None
        ago_s = time.monotonic() - self.first_s  # as the clock of the loop
        return time.time() - ago_s + true_s / self._speed

    def has_come(self, true_s: float) -> bool:
        """Whether the lifter is that far."""
        return self.first_s is not None and time.time() >= self.wall_s(true_s)

    async def _send(self, sent: Sequence[Notification], last_s: float) -> None:
        if self.first_s is None:
            self.first_s = time.monotonic()
        await super()._send(sent, last_s)

    def _simulated(self, spec: SessionSpec) -> Simulation:
        done = super()._simulated(spec)
        if self.lifted is None:
            self.lifted = done
            if self._after:
                set_number, rep, length_s = self._after
                before = done.truth["sets"][set_number - 1]["reps"][rep - 1]
                self._drop_s = (float(before["end_s"]) + 0.2, length_s)
        return done


class Played:
    """`hiprep run` with a model lifter, from `start` to `close`. url: of the page."""

    def __init__(
        self,
        folder: Path,
        broker_url: str,
        embedded: EmbeddedBroker | None,
        radio: HeldRadio,
        speed: float,
    ) -> None:
        self.radio = radio
        self.broker_url = broker_url
        self.url = ""
        (port,) = free_ports(1)
        self._settings = Settings(
            recordings=folder / "recordings",
            set_timeout_s=SET_TIMEOUT_S,
            athletes={ATHLETE: Athlete("Anna"), "ben": Athlete("Ben")},
            sensors={DEVICE: SensorEntry(name=radio.name, athlete=ATHLETE)},
            mqtt=MqttSettings(broker_url, receipts=True),
            store=StoreSettings(folder / "store.db"),
            page=PageSettings(port),
        )
        self._embedded = embedded
        self._speed = speed
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._failed: BaseException | None = None
        self._thread = threading.Thread(target=self._main)

    def start(self) -> None:
        self._thread.start()
        until(lambda: self.url or self._failed, "the page is given out")
        if self._failed:
            raise self._failed

    def close(self) -> None:
        self.radio.go.set()
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(PATIENCE_S)
        assert not self._thread.is_alive(), "it does not end"

    @property
    def sets(self) -> list[list[Json]]:
        """The reps of each true set; its lifter has begun."""
        until(lambda: self.radio.lifted, "the lifter begins")
        assert self.radio.lifted
        return [one["reps"] for one in self.radio.lifted.truth["sets"]]

    def kept(self, kind: Kind) -> list[Message]:
        """What the store has and holds for valid, in order."""
        assert self._settings.store
        with Book(self._settings.store.file) as book:
            found = [one for one in book.messages(kind) if one.valid]
        return sorted(found, key=lambda one: (one.time_us, one.id))

    def reps(self, set_number: int = 1) -> list[Mapping[str, Any]]:
        """The values of the reps of a set in the store."""
        kept = (one.values for one in self.kept("rep"))
        return [values for values in kept if values["set"] == set_number]

    def _main(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._serve())
        except BaseException as error:
            self._failed = error
            raise
        finally:
            self._loop.close()

    async def _serve(self) -> None:
        service = Service(self.radio, self._settings, self._embedded, self._speed)
        self.url = await service.open_page()
        await service.run(self._stop)
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:  # the lifter would lift on for ever
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)


@contextmanager
def playing(
    folder: Path,
    *sets: SetPlan,
    broker_url: str | None = None,
    speed: float = SPEED,
    drop_after: tuple[int, int, float] | None = None,
) -> Iterator[Played]:
    """One that serves, and waits for `radio.go`. broker_url: None for an embedded broker."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_DATA_HOME", str(folder))
        patch.setenv("HIPREP_SETTINGS", str(folder / "settings.toml"))
        embedded = None if broker_url else EmbeddedBroker()
        if embedded:
            embedded.start()
        radio = HeldRadio([session(*sets)], speed=speed, drop_after=drop_after)
        played = Played(folder, broker_url or embedded_url(embedded), embedded, radio, speed)
        try:
            played.start()
            yield played
        finally:
            played.close()
            if embedded:
                embedded.close()
                embedded.forget()


def embedded_url(broker: EmbeddedBroker | None) -> str:
    assert broker
    return broker.url
