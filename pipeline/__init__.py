"""Pipeline floor: sample blocks become events, and events reach the world."""

import os

# Before the first import of numpy: the matrices of a tracker are small. More threads would spin and
# wait for each other, and the last bits of a result would depend on how many cores there are.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
