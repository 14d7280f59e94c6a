"""How much memory TensorRT may use for scratch while it times and runs kernels."""

from __future__ import annotations

LARGEST_BYTES = 4 << 30
SMALLEST_BYTES = 64 << 20


def workspace_bytes(memory_bytes: int) -> int:
    """Return the limit for a device with so much memory: a quarter, as a power of two.

    On a Jetson this memory is also the CPU's, and the rest must hold the system, the decoder's
    frames and the weights, twice while a plan is built. The models in question use under 100 MB of
    scratch, so the limit only keeps the builder from trying what could not run. It is rounded down
    to a power of two because it is part of a plan's key: a kernel that reserves a few megabytes
    more must not cost a rebuild.
    """
    quarter = max(memory_bytes // 4, SMALLEST_BYTES)
    return min(1 << (quarter.bit_length() - 1), LARGEST_BYTES)
