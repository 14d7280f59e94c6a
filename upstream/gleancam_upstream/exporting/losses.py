"""What a format could not carry of what there was: counted and measured, not supposed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import msgspec
import numpy as np

from gleancam_upstream.exporting.facts import known
from gleancam_upstream.exporting.format import Export, Format
from gleancam_upstream.exporting.picture import Float64Array

EXACT_PIXELS = 1e-3
"""A corner that moved less lies where it was: shares are sent in steps of 1e-4."""


class Loss(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of thing that a reader does not get back.

    Attributes:
        what: a fact, `geometry` or `class names`.
        lost: how many were lost or changed.
        of: labels, or pictures, or what else is counted.
        total: how many there are of those.
    """

    what: str
    lost: int
    of: str
    total: int
    detail: str = ""


class Geometry(msgspec.Struct, frozen=True, kw_only=True):
    """How far corners moved, pixels of the picture, over all coordinates."""

    max_error_px: float
    mean_error_px: float


def geometry(export: Export, form: Format) -> Geometry:
    """Measure how far the format moves corners."""
    errors = np.concatenate([np.zeros(0), *(each.ravel() for each in _errors(export, form))])
    return Geometry(
        max_error_px=round(float(errors.max(initial=0.0)), 6),
        mean_error_px=round(float(errors.mean()) if errors.size else 0.0, 6),
    )


def losses(export: Export, form: Format) -> tuple[Loss, ...]:
    """Return what this format does not carry of this export: only what is there to be lost."""
    total = sum(len(picture.labels) for picture in export.pictures)
    return (
        *_geometry_loss(export, form, total),
        *_name_loss(export, form, total),
        *_fact_losses(export, form, total),
        *_picture_losses(export, form),
    )


def _errors(export: Export, form: Format) -> Iterator[Float64Array]:
    for picture in export.pictures:
        yield np.abs(form.as_read(picture) - picture.corners)


def _geometry_loss(export: Export, form: Format, total: int) -> Iterator[Loss]:
    moved = sum(int((each > EXACT_PIXELS).any(axis=1).sum()) for each in _errors(export, form))
    if moved:
        found = geometry(export, form)
        detail = f"max {found.max_error_px:.3f} px, mean {found.mean_error_px:.3f} px"
        yield Loss(what="geometry", lost=moved, of="labels", total=total, detail=detail)


def _name_loss(export: Export, form: Format, total: int) -> Iterator[Loss]:
    changed = {name: form.class_as_read(name) for name in export.classes}
    changed = {name: other for name, other in changed.items() if name != other}
    if changed:
        lost = sum(label.class_name in changed for one in export.pictures for label in one.labels)
        detail = ", ".join(f"{name!r} became {other!r}" for name, other in changed.items())
        yield Loss(what="class names", lost=lost, of="labels", total=total, detail=detail)


def _fact_losses(export: Export, form: Format, total: int) -> Iterator[Loss]:
    counts = Counter(
        fact
        for picture in export.pictures
        for label in picture.labels
        for fact in known(picture, label)
    )
    for what, lost in counts.items():
        if what not in form.carries:
            yield Loss(what=what, lost=lost, of="labels", total=total)


def _picture_losses(export: Export, form: Format) -> Iterator[Loss]:
    counts: Counter[str] = Counter()
    for picture in export.pictures:
        counts.update(dict(picture.facts))
    for what, lost in counts.items():
        if lost and what not in form.carries:
            of = "raw boxes" if what == "evidence" else "pictures"
            yield Loss(what=what, lost=lost, of=of, total=max(lost, _total(export, what)))


def _total(export: Export, what: str) -> int:
    return 0 if what in {"evidence", "redactions"} else len(export.pictures)


def plain(found: tuple[Loss, ...]) -> list[dict[str, Any]]:
    """Return losses as plain JSON types."""
    return [msgspec.to_builtins(each) for each in found]
