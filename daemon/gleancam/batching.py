"""Pictures to embeddings, batch by batch; a bad picture costs only itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from gleancam_engines.errors import TensorError
from gleancam_engines.planes import Float32Array, Planes

Embed: TypeAlias = Callable[[Sequence[Planes]], Float32Array]
"""Pictures in, `(N, D)` float32 rows of norm 1 out, in the same order."""

Embedding: TypeAlias = "Float32Array | str"
"""`(D,)` float32 of norm 1, or why there is none."""


class Batches:
    """Embeds any number of pictures.

    Args:
        embed: may raise `TensorError` for pictures it cannot take; anything else passes through.
        most: pictures given to `embed` in one call.
    """

    def __init__(self, embed: Embed, most: int) -> None:
        self._embed = embed
        self._most = most

    def rows(self, pictures: Sequence[Planes]) -> list[Embedding]:
        """Give one embedding for each picture, in order."""
        rows: list[Embedding] = []
        for start in range(0, len(pictures), self._most):
            rows += self._some(pictures[start : start + self._most])
        return rows

    def _some(self, pictures: Sequence[Planes]) -> list[Embedding]:
        try:
            return list(self._embed(pictures))
        except TensorError as error:
            if len(pictures) == 1:
                return [str(error)]
        # One of them is bad, and must not cost the others.
        return [row for picture in pictures for row in self._some([picture])]
