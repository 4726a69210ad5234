"""What the radio loses: whole packets, in bursts, and everything while it is disconnected."""

import numpy as np
from numpy.typing import NDArray

from sensor.samples import Floats

_MEAN_BURST_PACKETS = 2.0


def received(
    t_s: Floats,
    loss_pct: float,
    disconnect: tuple[float, float] | None,
    rng: np.random.Generator,
) -> NDArray[np.bool_]:
    """Which samples (n,) arrive. Packets of 5 to 10 samples are lost in bursts of 1 to 3."""
    size = int(rng.integers(5, 11))
    packets = len(t_s) // size + 1
    share = loss_pct / 100
    chance = share / (_MEAN_BURST_PACKETS * (1 - share) + share)
    lost = np.zeros(packets + 3, dtype=bool)
    packet = 1
    while packet < packets:
        packet += int(rng.geometric(chance)) if chance > 0 else packets
        burst = int(rng.integers(1, 4))
        lost[packet : packet + burst] = True
        packet += burst
    arrived = ~np.repeat(lost[:packets], size)[: len(t_s)]
    if disconnect is not None:
        begin, length = disconnect
        arrived &= (t_s < begin) | (t_s >= begin + length)
    return np.asarray(arrived)
