"""A live session on MQTT: what its sensors say goes out, what is asked of them comes in."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace

from pipeline.delivery.coach import Coach
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
# Sets with rests in them: so long a rest does not end one.
_PAUSED = {"cluster", "rest_pause"}
_PAUSED_TIMEOUT_S = 45.0


class Gateway:
    """The sensors of one session. All its methods are for the loop in which they stream.

    site: of all topics. started_us: when the session began, microseconds since 1970 UTC. coach: who
    has something to say of what is lifted. keep_plan: takes an athlete and the plan that was sent,
    and says why it could not be kept, or None.
    """

    def __init__(
        self,
        publisher: Publisher,
        site: str,
        session: str,
        started_us: int,
        watched: Sequence[Watched],
        coach: Coach | None = None,
        keep_plan: Callable[[str, str], str | None] | None = None,
    ) -> None:
        self._publisher = publisher
        self._site = site
        self._session = session
        self._started_us = started_us
        self._coach = coach
        self._keep_plan = keep_plan
        self._watched = {one.lifter.sensor: one for one in watched}
        self._ledgers = {name: self._ledger(one) for name, one in self._watched.items()}
        self._changed = set(self._watched)
        self._later: dict[str, str] = {}  # orders for when the open set is over
        self._timeouts_s: dict[str, tuple[float, float]] = {}  # the usual one, and what holds
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
            text = json.dumps(command_content(command), ensure_ascii=False)
            order = order_of(answer.effect)
            if order.startswith("exercise"):
                # The open set is still of the one before.
                self._later[device], order = order, ""
            one.take(Note(at_us, order, text))
        self._changed.add(device)
        self._answer(device, self._with_plan_kept(answer))

    def step(self, now_us: int) -> None:
        """Ten times a second: where lifters are, and what has changed."""
        for device, one in self._watched.items():
            tracker = one.session.tracker
            if device in self._later and tracker and tracker.status().set is None:
                one.take(Note(now_us, self._later.pop(device), ""))
            self._set_timeout(device, one, now_us)
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

    def problems(self) -> list[str]:
        """What is wrong with what the coach says."""
        return [
            f"{device}: coach: {fault}"
            for device, ledger in self._ledgers.items()
            if (fault := ledger.fault)
        ]

    def _ledger(self, one: Watched) -> Ledger:
        lifter = one.lifter
        return Ledger(
            self._site,
            lifter.sensor,
            lifter.athlete or NOBODY,
            self._session,
            lifter.exercise,
            self._started_us,
            coach=self._coach,
        )

    def _with_plan_kept(self, answer: Answer) -> Answer:
        """The answer to a plan that was sent, which is kept for the sessions after this one."""
        effect = answer.effect
        if effect is None or effect.kind != "plan" or self._keep_plan is None:
            return answer
        problem = self._keep_plan(effect.athlete, effect.text)
        return replace(answer, text=f"{problem}: it holds for this session") if problem else answer

    def _set_timeout(self, device: str, one: Watched, now_us: int) -> None:
        """Some variants have rests in their sets."""
        tracker = one.session.tracker
        if tracker is None:
            return
        now_s = tracker.settings.set_timeout_s
        usual_s, ordered_s = self._timeouts_s.setdefault(device, (now_s, now_s))
        wanted_s = set_timeout_s(self._ledgers[device].variant, usual_s)
        if wanted_s != ordered_s:
            self._timeouts_s[device] = (usual_s, wanted_s)
            one.take(Note(now_us, f"timeout {wanted_s:g}", ""))

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
    return {"exercise": f"exercise {effect.exercise}", "end_set": "end_set"}.get(effect.kind, "")


def set_timeout_s(variant: str, usual_s: float) -> float:
    """How long a rest ends a set of that variant."""
    return max(_PAUSED_TIMEOUT_S, usual_s) if _PAUSED & {*variant.split("-")} else usual_s
