"""The contents of a model Polar sensor's frames. Shares no code with what decodes them."""

import struct
from itertools import pairwise

Counts = list[tuple[int, ...]]

# The most that was seen of a Verity Sense: polar-ble-sdk issues 317 and 443.
_MOST_SAMPLES = 71
_CONTENT_BYTES = 218
_SAMPLE_BYTES = 6
_BLOCK_SAMPLES = 10


def plain(counts: Counts) -> bytes:
    """16 bits for each axis."""
    return b"".join(struct.pack("<3h", *row) for row in counts)


def compressed(counts: Counts) -> bytes:
    """The first sample, then blocks of differences, each as wide as its largest needs."""
    content = plain(counts[:1])
    steps = _differences(counts)
    for start in range(0, len(steps), _BLOCK_SAMPLES):
        block = steps[start : start + _BLOCK_SAMPLES]
        width = max(map(_width, block))
        packed = 0
        for place, value in enumerate(value for step in block for value in step):
            packed |= (value & (1 << width) - 1) << place * width
        content += bytes((width, len(block)))
        content += packed.to_bytes(_block_bytes(width, len(block)) - 2, "little")
    return content


def fitting(counts: Counts) -> int:
    """How many samples fill a compressed frame; 0 as long as these do not."""
    size = _SAMPLE_BYTES
    width = in_block = 0
    for number, step in enumerate(_differences(counts[:_MOST_SAMPLES]), start=1):
        if in_block == _BLOCK_SAMPLES:
            size += _block_bytes(width, in_block)
            width = in_block = 0
        width, in_block = max(width, _width(step)), in_block + 1
        if size + _block_bytes(width, in_block) > _CONTENT_BYTES:
            return number
    return _MOST_SAMPLES if len(counts) >= _MOST_SAMPLES else 0


def _differences(counts: Counts) -> Counts:
    return [tuple(b - a for a, b in zip(*pair, strict=True)) for pair in pairwise(counts)]


def _width(step: tuple[int, ...]) -> int:
    """Bits of the widest of three signed numbers."""
    return 1 + max((value if value >= 0 else ~value).bit_length() for value in step)


def _block_bytes(width: int, samples: int) -> int:
    return 2 + -(-3 * width * samples // 8)
