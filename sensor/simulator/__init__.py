"""A model lifter: a specification goes in, a sensor recording with exact truth comes out.

It shares nothing with what it tests: the movement is laid down in phases of known shape, the
truth is measured on that movement, and the samples are what an imperfect sensor on a soft belt
would feel of it. It is a model; how a tracker does on it says nothing certain about people.
"""

from sensor.simulator.imu import ERROR_CLASSES
from sensor.simulator.lifts import LIFTS
from sensor.simulator.plan import FAULTS, STYLES, SessionSpec, SetPlan, Tempo
from sensor.simulator.scenario import VARIANTS, confounders, scenario
from sensor.simulator.session import Simulation, simulate, write

__all__ = [
    "ERROR_CLASSES",
    "FAULTS",
    "LIFTS",
    "STYLES",
    "VARIANTS",
    "SessionSpec",
    "SetPlan",
    "Simulation",
    "Tempo",
    "confounders",
    "scenario",
    "simulate",
    "write",
]
