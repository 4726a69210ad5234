"""The pictures in docs/live-page.md: a model session in a real browser, and weeks of history.

python -m tests.page.pictures docs/live
"""

import json
import sys
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from pipeline.delivery.broker import Broker
from pipeline.delivery.commands import Choose, Command, SetTargets, command_content
from pipeline.delivery.messages import device_topic
from sensor.simulator import SetPlan, Tempo
from tests.integration.mosquitto import listening, until
from tests.page.browser import DESK, PHONE, Browser, browser
from tests.page.played import DEVICE, playing
from tests.page.served import CONFIG, SITE, Teller, ledger, lifted, past, told

HELD = Tempo(eccentric_s=1.6, bottom_s=0.5, concentric_s=0.9, top_s=2.4)
PLAN = SetPlan(reps=7, tempo=HELD, fatigue=0.35, faults=("", "", "over_arch", "", "", "", ""))
WISHES = (
    Choose("p-1", load_kg=80.0, variant="banded"),
    SetTargets("p-2", reps=8, tempo="2-0-1-2", velocity_loss_pct=20.0),
)
LIFTERS = {"belt": "anna", "cuff": "ben", "strap": "cleo"}
Pictures = dict[str, bytes]


def ask(broker_url: str, commands: Sequence[Command]) -> None:
    with listening(Broker(broker_url), "hiprep/v1/+/+/answer", name="wishes") as listener:
        for command in commands:
            payload = json.dumps(command_content(command)).encode()
            listener.publish(device_topic(SITE, DEVICE, "command"), payload)
        until(lambda: len(listener.came) == len(commands), "it is answered")


def session(folder: Path, light: Browser, dark: Browser, desk: Browser) -> Pictures:
    """One set in real time."""
    found: Pictures = {}
    with playing(folder, PLAN, speed=1.0) as played:
        for one in (light, dark, desk):
            one.open(played.url)
        until(lambda: light.text(".about"), "there is a session")
        ask(played.broker_url, WISHES)
        played.radio.go.set()
        until(lambda: light.count == 4, "four reps")
        until(lambda: light.data(".band", "phase") == ["eccentric"], "the way down")
        found["lifting-light"] = light.picture()
        until(lambda: dark.count == 6, "six reps")
        until(lambda: dark.data(".band", "reached") == ["true"], "the hold")
        found["holding-dark"] = dark.picture()
        found["desk-dark"] = desk.picture()
        until(lambda: "STOP" in dark.text("[data-testid=call]"), "time to stop")
        found["stop-dark"] = dark.picture()
        until(lambda: len(played.kept("set")) == 1, "the set is over")
        light.go("after")
        until(lambda: len(light.rows()) == PLAN.reps, "its reps")
        found["after-light"] = light.picture()
        light.go("setup")
        found["setup-light"] = light.picture()
    return found


def apart(folder: Path, light: Browser, dark: Browser, desk: Browser) -> Pictures:
    """History, and several lifters at once."""
    found: Pictures = {}
    athletes = [{"key": key, "name": key.capitalize()} for key in LIFTERS.values()]
    devices = [{"key": key, "athlete": athlete} for key, athlete in LIFTERS.items()]
    config = {**CONFIG, "athletes": athletes, "devices": devices}
    with told(folder / "broker", config=config, history=past(folder / "p.db")) as (teller, url):
        light.open(url, "history")
        dark.open(url, "history")
        for one in (light, dark):
            until(partial(one.texts, "canvas"), "a plot")
        found["history-light"], found["history-dark"] = light.picture(), dark.picture()
        desk.open(url, "coach")
        for number, (device, athlete) in enumerate(LIFTERS.items()):
            to = ledger(device, athlete, 60.0 + 20.0 * number)
            teller.streams(device)
            teller.events(lifted(6, to))
            teller.events(lifted(3 + number, to, over=number == 2, set_number=2))
            teller.state(to, device)
        move(teller)
        until(lambda: len(desk.texts(".cards > *")) == len(LIFTERS), "all of them")
        found["coach-dark"] = desk.picture()
    return found


def move(teller: Teller) -> None:
    for number, device in enumerate(LIFTERS):
        lifting = {"set": 2, "reps": 3 + number, "phase_s": 0.8, "pitch_deg": 52.0}
        phase = {"phase": "top", "hold_s": 0.8} if number == 0 else {"phase": "eccentric"}
        more = {**lifting, **phase} if number < 2 else {}
        teller.live(125.0, device, **more)


def main() -> None:
    to = Path(sys.argv[1])
    to.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as scratch,
        browser(PHONE) as light,
        browser(PHONE, dark=True) as dark,
        browser(DESK, dark=True) as desk,
    ):
        found = session(Path(scratch) / "session", light, dark, desk)
        found |= apart(Path(scratch) / "apart", light, dark, desk)
    for name, picture in found.items():
        (to / f"{name}.png").write_bytes(picture)
        print(f"{name}.png, {len(picture) // 1000} kB")


if __name__ == "__main__":
    main()
