"""The contract of a format, and what it is given to write."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Protocol

from gleancam_upstream.exporting.picture import Float64Array, Picture


@dataclass(frozen=True, slots=True)
class Export:
    """Everything that is to be written.

    Attributes:
        name: of the folder it will be.
        pictures: in order of capture; each knows its split.
        classes: in order; the same for every split.
        splits: names, in order; there is at least one.
        releases: what labelled the pictures, the most frequent first.
    """

    name: str
    pictures: tuple[Picture, ...]
    classes: tuple[str, ...]
    splits: tuple[str, ...]
    releases: tuple[str, ...]

    def of(self, split: str) -> tuple[Picture, ...]:
        """Return the pictures of one split."""
        return tuple(one for one in self.pictures if one.split == split)


class Format(Protocol):
    """How some tool wants it.

    Attributes:
        name: as on the command line.
        carries: which of `facts.LABEL_FACTS` and `PICTURE_FACTS` a reader of the format gets back.
    """

    name: str
    carries: frozenset[str]

    def image_path(self, picture: Picture) -> PurePosixPath:
        """Return where the picture lies in the export."""

    def as_read(self, picture: Picture) -> Float64Array:
        """Return `(N, 4)` corners in pixels as an exact reader gets them back."""

    def class_as_read(self, name: str) -> str:
        """Return the class name that a reader gets back."""

    def write(self, export: Export, folder: Path, advance: Callable[[], None]) -> None:
        """Write everything but the pictures; call `advance` once a picture.

        Raises:
            ExportError: the format cannot say it.
            OSError: the folder cannot be written.
        """

    def advice(self, export: Export) -> tuple[str, ...]:
        """Return what its user should know next, a line each."""
