"""The path and attitude of the sensor on the body: what an ideal IMU at that point would feel."""

from dataclasses import dataclass

import numpy as np

from sensor.samples import STANDARD_GRAVITY_MPS2, Floats
from sensor.simulator import shakes
from sensor.simulator.motion import MOTION_HZ, SKIN, Motion

_SOFT_RANGE_DEG = 120.0
_HYSTERESIS = 0.15
_SLIP_S = 0.15
_PIECE = 30_000
_OVERLAP = 3


@dataclass(frozen=True, slots=True)
class Wearing:
    """How the sensor sits. lever_m (3,): from the midpoint of the hips, pelvis axes.

    mounting (4,): quaternion that turns sensor axes into pelvis axes. soft_deg (3,): how far skin
    and belt let the sensor tilt about the pelvis axes between bending and lying down.
    slip_axes (k, 3): about which each slip turns it.
    """

    lever_m: Floats
    mounting: Floats
    soft_deg: Floats
    slip_axes: Floats


@dataclass(frozen=True, slots=True)
class Felt:
    """At MOTION_HZ, sensor axes: specific force (n, 3) m/s2, angular rate (n, 3) rad/s."""

    acc: Floats
    gyr: Floats


def draw_wearing(
    mounting: tuple[float, float, float, float] | None, slips: int, rng: np.random.Generator
) -> Wearing:
    """On the belt at the front, the side or the back, 5-15 cm from the hip axis."""
    where = rng.choice((0.0, 0.0, np.pi / 2, -np.pi / 2, np.pi)) + rng.normal(0, 0.25)
    reach = rng.uniform(0.05, 0.11)
    lever = np.array([reach * np.cos(where), reach * np.sin(where), rng.uniform(0.0, 0.05)])
    turned = np.array(mounting) if mounting else rng.normal(size=4)
    soft = rng.uniform(1, 3) * _unit(rng.normal(size=3))
    axes = np.array([_unit(axis) for axis in rng.normal(size=(slips, 3))]).reshape(slips, 3)
    return Wearing(lever, turned / np.linalg.norm(turned), soft, axes)


def pelvis_attitude(paths: dict[str, Floats]) -> Floats:
    """Angles of the pelvis in degrees -> quaternions (4, n), pelvis axes to world axes."""
    quaternion = _about(2, paths["heading"])
    quaternion = _times(quaternion, _about(1, -(paths["pitch"] + paths["arch"])))
    quaternion = _times(quaternion, _about(2, paths["twist"]))
    return _times(quaternion, _about(0, paths["list"]))


def pelvis_tilt_deg(paths: dict[str, Floats]) -> Floats:
    """How far the left-right axis of the pelvis is off the level (n,), degrees, left side down."""
    w, x, y, z = pelvis_attitude(paths)
    return np.asarray(-np.degrees(np.arcsin(np.clip(2 * (y * z + w * x), -1.0, 1.0))))


def sensor_height_m(paths: dict[str, Floats], wearing: Wearing) -> Floats:
    """Height of the sensor's place on the pelvis (n,), metres."""
    w, x, y, z = pelvis_attitude(paths)
    up = np.stack((2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)))
    return np.asarray(paths["z"] + wearing.lever_m @ up)


def feel(
    motion: Motion, voluntary: dict[str, Floats], wearing: Wearing, rng: np.random.Generator
) -> Felt:
    """Everything that moves the sensor, differentiated; in pieces, so that an hour fits."""
    paths = _with_shakes(motion, voluntary, wearing, rng)
    count = len(paths["pitch"])
    felt = Felt(np.empty((count, 3)), np.empty((count, 3)))
    for first in range(0, count, _PIECE):
        begin = max(0, first - _OVERLAP)
        part = slice(begin, first + _PIECE + _OVERLAP)
        slipped = _slipped(motion, wearing, np.arange(begin, min(part.stop, count)) / MOTION_HZ)
        force, rate = _differentiated(
            {c: path[part] for c, path in paths.items()}, slipped, wearing
        )
        kept = slice(first - begin, first - begin + _PIECE)
        felt.acc[first : first + _PIECE] = force.T[kept]
        felt.gyr[first : first + _PIECE] = rate.T[kept]
    return felt


def _with_shakes(
    motion: Motion, voluntary: dict[str, Floats], wearing: Wearing, rng: np.random.Generator
) -> dict[str, Floats]:
    """The willed paths, the give of the skin, and all that shakes them: channel -> (n,)."""
    count = len(voluntary["pitch"])
    paths = {channel: path.copy() for channel, path in voluntary.items()}
    skin = _soft_tissue(voluntary["pitch"] + voluntary["arch"], wearing)
    paths |= dict(zip(SKIN, skin, strict=True))
    for channel, values in shakes.sway(count / MOTION_HZ + 0.01, rng).items():
        paths[channel] += values[:count]
    for shake in motion.shakes:
        first = round(shake.start_s * MOTION_HZ)
        fitting = max(0, min(len(shake.values), count - first))
        paths[shake.channel][first : first + fitting] += shake.values[:fitting]
    return paths


def _differentiated(
    paths: dict[str, Floats], slipped: Floats, wearing: Wearing
) -> tuple[Floats, Floats]:
    """Specific force and angular rate (3, n) in sensor axes."""
    pelvis = pelvis_attitude(paths)
    places = np.stack([paths[axis] for axis in "xyz"])
    places += _turn(pelvis, wearing.lever_m[:, None])
    force = np.gradient(np.gradient(places, axis=1), axis=1) * MOTION_HZ**2
    force[2] += STANDARD_GRAVITY_MPS2
    skin = _small_turn(np.stack([paths[channel] for channel in SKIN]))
    worn = _times(_times(skin, slipped), wearing.mounting[:, None])
    attitude = _times(pelvis, worn)
    change = np.gradient(attitude, axis=1) * MOTION_HZ
    rate = 2 * _times(_conjugate(attitude), change)[1:]
    return _turn(_conjugate(attitude), force), rate


def _soft_tissue(pitch: Floats, wearing: Wearing) -> Floats:
    """Tilt of the sensor on the skin (3, n), degrees: follows the posture, lags behind it."""
    direction = np.gradient(pitch) * MOTION_HZ
    lag = np.tanh(direction / 20.0)
    width = int(0.25 * MOTION_HZ)
    total = np.cumsum(np.concatenate((np.zeros(width), lag)))
    lag = (total[width:] - total[:-width]) / width
    give = pitch / _SOFT_RANGE_DEG - _HYSTERESIS * lag
    return np.asarray(wearing.soft_deg[:, None] * give)


def _slipped(motion: Motion, wearing: Wearing, times: Floats) -> Floats:
    """How far the sensor has turned on the belt by then: quaternions (4, n)."""
    turned = np.zeros((3, len(times)))
    for (at_s, size_deg), axis in zip(motion.slips, wearing.slip_axes, strict=True):
        share = np.clip((times - at_s) / _SLIP_S, 0, 1)
        turned += axis[:, None] * size_deg * (share * share * (3 - 2 * share))
    return _small_turn(turned)


def _small_turn(tilt_deg: Floats) -> Floats:
    """Rotation vectors (3, n) in degrees -> quaternions (4, n)."""
    half = np.radians(tilt_deg) / 2
    angle = np.sqrt((half**2).sum(axis=0))
    return np.concatenate((np.cos(angle)[None], half * np.sinc(angle / np.pi)))


def _about(axis: int, angle_deg: Floats) -> Floats:
    half = np.radians(angle_deg) / 2
    quaternion = np.zeros((4, len(half)))
    quaternion[0] = np.cos(half)
    quaternion[1 + axis] = np.sin(half)
    return quaternion


def _times(a: Floats, b: Floats) -> Floats:
    aw, ax, ay, az = a
    bw, bx, by, bz = b
    return np.stack(
        (
            aw * bw - ax * bx - ay * by - az * bz,
            aw * bx + ax * bw + ay * bz - az * by,
            aw * by - ax * bz + ay * bw + az * bx,
            aw * bz + ax * by - ay * bx + az * bw,
        )
    )


def _conjugate(quaternion: Floats) -> Floats:
    return np.asarray(quaternion * np.array([[1.0], [-1.0], [-1.0], [-1.0]]))


def _turn(quaternion: Floats, vector: Floats) -> Floats:
    """Vectors (3, n) or (3, 1) turned by quaternions (4, n)."""
    w, axis = quaternion[:1], quaternion[1:]
    across = 2 * np.cross(axis, np.broadcast_to(vector, axis.shape), axis=0)
    return np.asarray(vector + w * across + np.cross(axis, across, axis=0))


def _unit(vector: Floats) -> Floats:
    return np.asarray(vector / np.linalg.norm(vector))
