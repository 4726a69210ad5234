"""Makes the recordings in this folder: ``python -m tests.recordings.make``.

One model session for each driver, through its model sensor's own packets. Beside each lie the final
events that must come of it, and what truly happened.
"""

import json
from dataclasses import replace
from pathlib import Path

from pipeline.events import to_json
from pipeline.replay import FinalOrder
from sensor import drivers
from sensor.raw_writer import RawWriter
from sensor.simulator import SessionSpec, SetPlan, Tempo
from sensor.simulator.packets import model_session
from tests.recordings.replaying import replayed

FOLDER = Path(__file__).parent
_TEMPO = Tempo(eccentric_s=1.1, bottom_s=0.3, concentric_s=0.9, top_s=0.9)
_SPEC = SessionSpec(
    sets=(SetPlan(reps=5, tempo=_TEMPO, faults=("", "", "", "over_arch", "")),),
    around=False,
)


def main() -> None:
    """Write all of them anew."""
    for seed, name in enumerate(drivers.names()):
        path = FOLDER / f"{name}.hiprec"
        for old in FOLDER.glob(f"{name}.*"):
            old.unlink()
        simulation, records = model_session(name, replace(_SPEC, seed=seed))
        meta = {
            "sensor": f"model-{name}",
            "session": "20260101T120000Z",
            "started": "2026-01-01T12:00:00.000+00:00",
            "exercise": "hip_thrust",
            "set_timeout_s": "15",
            "min_reps": "2",
        }
        writer = RawWriter(path, meta)
        for record in records:
            writer.append(record)
        made = writer.close()
        order = FinalOrder()
        events = [final for _, event in replayed(made) for final in order.add(event)]
        lines = [json.dumps(to_json(event)) for event in [*events, *order.rest()]]
        (FOLDER / f"{name}.events.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
        truth = json.dumps(simulation.truth, indent=1)
        (FOLDER / f"{name}.truth.json").write_text(truth + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
