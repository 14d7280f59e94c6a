"""Memory with addresses, as the device's and the page-locked host's: here both are the host's.

What is freed is poisoned and never given out again, so that a use after it is seen.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

ALIGNMENT = 256
"""What cuMemAlloc aligns to."""
POISON = 0xFF
"""As a float of any width: not a number."""


@dataclass(eq=False)
class Block:
    """A stretch of memory that was asked for in one call."""

    address: int
    content: npt.NDArray[np.uint8]
    freed: bool = False

    @property
    def end(self) -> int:
        """Return the first address behind it."""
        return self.address + len(self.content)


class Memory:
    """All blocks of one kind, living and freed."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._blocks: list[Block] = []

    @property
    def living(self) -> list[Block]:
        """Return what was not freed."""
        return [block for block in self._blocks if not block.freed]

    @property
    def used_bytes(self) -> int:
        """Return how much is not freed."""
        return sum(len(block.content) for block in self.living)

    def allocate(self, nbytes: int) -> Block:
        """Return a new block, full of poison."""
        raw = np.full(nbytes + ALIGNMENT, POISON, np.uint8)
        skipped = -raw.ctypes.data % ALIGNMENT
        content = raw[skipped : skipped + nbytes]
        block = Block(content.ctypes.data, content)
        self._blocks.append(block)
        return block

    def free(self, block: Block) -> None:
        """Give a block back."""
        assert not block.freed, f"{self.kind} memory at {block.address:#x} is freed twice"
        block.content[:] = POISON
        block.freed = True

    def at(self, address: int, nbytes: int) -> npt.NDArray[np.uint8]:
        """Return the bytes from an address on, which must lie in one living block."""
        for block in self._blocks:
            if block.address <= address and address + nbytes <= block.end:
                assert not block.freed, f"{self.kind} memory at {address:#x} is used after free"
                start = address - block.address
                return block.content[start : start + nbytes]
        raise AssertionError(f"{nbytes} bytes at {address:#x} are no {self.kind} memory")
