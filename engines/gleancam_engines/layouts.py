"""Which output tensors each decoder of a detector reads, by role and shape.

One definition serves the manifest, where a size may be unknown (-1), and the tensors a model gives.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

Shape: TypeAlias = tuple[int, ...]
Dims: TypeAlias = tuple[str, ...]
"""A number; C, plus a number; K, the columns of logits; any other letter is one size throughout."""

LAYOUTS: Mapping[str, tuple[tuple[str, Dims], ...]] = {
    "yolox": (("", ("1", "A", "C+5")),),
    "picodet": (("", ("N", "6")), ("", ("1",))),
    "yolov8": (("", ("1", "C+4", "A")),),
    "end_to_end": (("", ("1", "N", "6")),),
    "detr": (("boxes", ("1", "Q", "4")), ("logits", ("1", "Q", "K"))),
    "ssd": (
        ("boxes", ("1", "N", "4")),
        ("classes", ("1", "N")),
        ("count", ("1",)),
        ("scores", ("1", "N")),
    ),
}
"""By decoder: role and dimensions of each output. Outputs without a role count by their order."""

NUMBERED = frozenset({"end_to_end", "detr", "ssd"})
"""Decoders that heed `class_ids`: their models may number classes otherwise than 0, 1, 2…"""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """How many classes there are, and how many columns of logits.

    Attributes:
        classes: C.
        least: the fewest columns of logits.
        exact: whether there may be no more than `least`.
    """

    classes: int
    least: int
    exact: bool

    def __str__(self) -> str:
        return f"C = {self.classes}, K = {self.least}{'' if self.exact else ' or more'}"


def fault(decoder: str, outputs: Iterable[tuple[str, Shape]], vocabulary: Vocabulary) -> str | None:
    """Return what is wrong with these roles and shapes for the decoder, None when nothing is."""
    want = LAYOUTS[decoder]
    have = sorted(outputs, key=lambda output: output[0])
    if [role for role, _ in have] == [role for role, _ in want]:
        sizes: dict[str, int] = {}
        pairs = zip(want, have, strict=True)
        if all(_fits(dims, shape, sizes, vocabulary) for (_, dims), (_, shape) in pairs):
            return None
    return (
        f"decoder {decoder!r} needs outputs {_told(want)} with {vocabulary}, "
        f"but they are {_told(have)}; see the layouts in engines/README.md"
    )


def _fits(dims: Dims, shape: Shape, sizes: dict[str, int], vocabulary: Vocabulary) -> bool:
    """Compare, and note in `sizes` what the free letters stand for."""
    return len(dims) == len(shape) and all(
        have == -1 or _fits_one(dim, have, sizes, vocabulary)
        for dim, have in zip(dims, shape, strict=True)
    )


def _fits_one(dim: str, have: int, sizes: dict[str, int], vocabulary: Vocabulary) -> bool:
    if dim.isdigit():
        return have == int(dim)
    if dim.startswith("C"):
        return have == vocabulary.classes + int(dim[1:])
    if dim == "K":
        return have == vocabulary.least or (have > vocabulary.least and not vocabulary.exact)
    return have == sizes.setdefault(dim, have)


def _told(outputs: Iterable[tuple[str, Dims | Shape]]) -> str:
    return " and ".join(f"{role} ({', '.join(map(str, dims))})".strip() for role, dims in outputs)
