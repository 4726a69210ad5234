"""A model session as the packets of a model sensor: what a recording of it would hold."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from math import ceil

import numpy as np

from sensor import drivers
from sensor.records import Connected, End, Packet, Record
from sensor.simulator.model_link import ModelLink
from sensor.simulator.peripherals import Notification, Peripheral, make
from sensor.simulator.plan import SessionSpec
from sensor.simulator.session import Simulation, simulate

INTERVAL_S = 0.03
_BLOCK = 50


def model_session(name: str, spec: SessionSpec) -> tuple[Simulation, list[Record]]:
    """A model session at the sensor's own rate, and the records of the sensor of driver `name`.

    The specification's rate and loss are not used: the one is the sensor's, the other a matter
    for `sensor.faults`. The radio sends at its connection events, every 30 ms.
    """
    driver, peripheral = drivers.load(name), make(name)
    link = ModelLink(peripheral)
    setup = asyncio.run(driver.start(link, driver.default_rate_hz))
    simulation = simulate(_at_rate(spec, peripheral))
    records: list[Record] = [Connected(0, setup)]
    records += [Packet(0, channel, data) for channel, data in link.packets]
    at_us = 0
    for one in notifications(peripheral, simulation, np.random.default_rng(spec.seed)):
        if (channel := link.channel(one.uuid)) is not None:
            assert one.at_s is not None
            at_us = round(one.at_s * 1e6)
            records.append(Packet(at_us, channel, one.data))
    return simulation, [*records, End(at_us)]


def notifications(
    peripheral: Peripheral, simulation: Simulation, rng: np.random.Generator
) -> Iterator[Notification]:
    """All that it sends of a session; at_s: when it arrives, at the next connection event."""
    phase_s = rng.uniform(0, INTERVAL_S)
    arrived_s = 0.0
    for block in simulation.blocks(_BLOCK):
        for one in peripheral.packets(block):
            assert one.at_s is not None
            event = ceil((one.at_s - phase_s) / INTERVAL_S)
            arrived_s = max(arrived_s, event * INTERVAL_S + phase_s)
            yield Notification(arrived_s, one.uuid, one.data)


def _at_rate(spec: SessionSpec, peripheral: Peripheral) -> SessionSpec:
    return replace(spec, rate_hz=peripheral.rate_hz, gyro=peripheral.gyro, loss_pct=0.0)
