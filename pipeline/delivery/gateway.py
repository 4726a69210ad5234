"""A live session on MQTT: what its sensors say goes out, what is asked of them comes in."""

import json
from collections.abc import Sequence

from pipeline.delivery.commands import (
    Answer,
    CommandError,
    Effect,
    answer_content,
    command_content,
    parse,
    refusal,
)
from pipeline.delivery.ledger import Ledger
from pipeline.delivery.messages import NOBODY, device_topic
from pipeline.delivery.payloads import Live, SensorHealth, content
from pipeline.delivery.publisher import Publisher
from pipeline.events import Event
from pipeline.live import Watched
from sensor.records import Note

_HEALTH_EVERY_US = 5_000_000


class Gateway:
    """The sensors of one session. All its methods are for the loop in which they stream.

    site: of all topics. started_us: when the session began, microseconds since 1970 UTC.
    """

    def __init__(
        self,
        publisher: Publisher,
        site: str,
        session: str,
        started_us: int,
        watched: Sequence[Watched],
    ) -> None:
        self._publisher = publisher
        self._site = site
        self._session = session
        self._started_us = started_us
        self._watched = {one.lifter.sensor: one for one in watched}
        self._ledgers = {name: self._ledger(one) for name, one in self._watched.items()}
        self._changed = set(self._watched)
        self._later: dict[str, str] = {}  # orders for when the open set is over
        self._health: dict[str, SensorHealth] = {}
        self._told_us = dict.fromkeys(self._watched, -_HEALTH_EVERY_US)

    def take(self, one: Watched, at_s: float, event: Event) -> None:
        """What the tracker of a sensor says."""
        device = one.lifter.sensor
        self._publisher.post(self._ledgers[device].take(at_s, event))
        self._changed.add(device)

    def command(self, device: str, payload: bytes, at_us: int) -> None:
        """What somebody asks of a sensor: it is answered, recorded and done."""
        one = self._watched.get(device)
        if one is None:
            return  # of another gateway at this site
        try:
            command = parse(payload)
        except CommandError as error:
            self._answer(device, refusal(error))
            return
        answer, messages = self._ledgers[device].command(at_us * 1e-6, command)
        self._publisher.post(messages)
        if answer.ok:
            text = json.dumps(command_content(command))
            order = order_of(answer.effect)
            if order.startswith("exercise"):
                # The open set is still of the one before.
                self._later[device], order = order, ""
            one.take(Note(at_us, order, text))
        self._changed.add(device)
        self._answer(device, answer)

    def step(self, now_us: int) -> None:
        """Ten times a second: where lifters are, and what has changed."""
        for device, one in self._watched.items():
            tracker = one.session.tracker
            if device in self._later and tracker and tracker.status().set is None:
                one.take(Note(now_us, self._later.pop(device), ""))
            self._say_live(device, one)
            self._say_health(device, one, now_us)
        for device in self._changed:
            self._publisher.retain(self._topic(device, "state"), self._ledgers[device].state())
        self._changed.clear()

    def end(self, now_us: int) -> None:
        """The session is over: what is left to say of it."""
        for device, ledger in self._ledgers.items():
            self._publisher.post(ledger.end(now_us * 1e-6))
            self._changed.add(device)
        self.step(now_us)

    def _ledger(self, one: Watched) -> Ledger:
        lifter = one.lifter
        return Ledger(
            self._site,
            lifter.sensor,
            lifter.athlete or NOBODY,
            self._session,
            lifter.exercise,
            self._started_us,
        )

    def _say_live(self, device: str, one: Watched) -> None:
        tracker = one.session.tracker
        if tracker is None or one.state.phase != "streaming":
            return
        status = tracker.status()
        live = Live(
            session=self._session,
            at_s=round(status.t_s, 3),
            phase=status.phase,  # type: ignore[arg-type]  # one of events.PHASES
            phase_s=round(status.phase_s, 3),
            hold_s=round(status.phase_s, 3) if status.phase == "top" else None,
            pitch_deg=None if status.pitch_deg is None else round(status.pitch_deg, 2),
            set=status.set,
            reps=status.reps,
        )
        self._publisher.send_live(self._topic(device, "live"), content(live))

    def _say_health(self, device: str, one: Watched, now_us: int) -> None:
        """At once when it comes or goes, else every few seconds."""
        before = self._health.get(device)
        phase = one.state.phase
        if before and before.phase == phase and now_us - self._told_us[device] < _HEALTH_EVERY_US:
            return
        self._health[device] = health = self._sensor_health(one, now_us)
        self._told_us[device] = now_us
        self._publisher.retain(self._topic(device, "sensor"), content(health))

    def _sensor_health(self, one: Watched, now_us: int) -> SensorHealth:
        state, stream = one.state, one.session.stream
        battery = state.battery_pct if state.battery_pct is not None else stream.battery_pct
        lost = stream.lost
        share = None if lost is None else 100 * lost / max(1, lost + stream.samples)
        rate_hz = stream.rate_hz
        return SensorHealth(
            available=state.phase == "streaming",
            phase=state.phase,
            text=state.text,
            time_us=self._started_us + now_us,
            name=state.name,
            model=state.model,
            battery_pct=battery,
            rssi_dbm=state.rssi_dbm,
            rate_hz=None if rate_hz is None else round(rate_hz, 2),
            lost=lost or 0,
            loss_pct=None if share is None else round(share, 2),
        )

    def _answer(self, device: str, answer: Answer) -> None:
        self._publisher.answer(device, answer_content(answer))

    def _topic(self, device: str, name: str) -> str:
        return device_topic(self._site, device, name)


def order_of(effect: Effect | None) -> str:
    """What an effect is called as an order for the tracker; "" for none."""
    if effect is None:
        return ""
    return f"exercise {effect.exercise}" if effect.kind == "exercise" else effect.kind
