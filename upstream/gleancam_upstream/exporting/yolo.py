"""YOLO: a text file for each picture, `class cx cy w h` as shares.

    data.yaml                    classes by number, and where each split lies
    images/<split>/…             the pictures
    labels/<split>/….txt         five columns always; empty for a picture without objects
    confidences/<split>.json     the scores: a list for each picture, in the order of its lines

A sixth column would be the confidence, but a popular trainer then drops the picture.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import final

import numpy as np

from gleancam_upstream.exporting.format import Export
from gleancam_upstream.exporting.json_file import write_json
from gleancam_upstream.exporting.picture import Float64Array, Picture

SHARE_DECIMALS = 6


@final
class Yolo:
    """Class numbers from 0, the same in every split."""

    name = "yolo"
    carries = frozenset({"score"})

    def image_path(self, picture: Picture) -> PurePosixPath:
        """Return where the picture lies."""
        return PurePosixPath("images", picture.split, picture.file_name)

    def as_read(self, picture: Picture) -> Float64Array:
        """Return the corners after rounding centres and sizes to 1e-6 of the picture."""
        centred = _centred(picture)
        half = centred[:, 2:] / 2
        shares = np.hstack((centred[:, :2] - half, centred[:, :2] + half))
        return shares * picture.size

    def class_as_read(self, name: str) -> str:
        """Return the name itself."""
        return name

    def write(self, export: Export, folder: Path, advance: Callable[[], None]) -> None:
        """Write labels, confidences and `data.yaml`."""
        numbers = {name: number for number, name in enumerate(export.classes)}
        for split in export.splits:
            labels = folder / "labels" / split
            labels.mkdir(parents=True)
            confidences = {}
            for picture in export.of(split):
                text = "".join(_lines(picture, numbers))
                (labels / f"{picture.stem}.txt").write_text(text, encoding="ascii")
                confidences[picture.stem] = [label.score for label in picture.labels]
                advance()
            write_json(folder / "confidences" / f"{split}.json", confidences)
        (folder / "data.yaml").write_text(_data_yaml(export), encoding="utf-8")

    def advice(self, export: Export) -> tuple[str, ...]:
        """Return what trainers ask for and is not there."""
        if "val" in export.splits:
            return ()
        return ("trainers want a split `val` in data.yaml: export with --split train=0.8,val=0.2",)


def _centred(picture: Picture) -> Float64Array:
    """`(N, 4)` of (cx, cy, width, height) as shares, rounded."""
    low, high = picture.shares[:, :2], picture.shares[:, 2:]
    shares = np.hstack(((low + high) / 2, high - low))
    rounded: Float64Array = np.round(shares, SHARE_DECIMALS)
    return rounded


def _lines(picture: Picture, numbers: dict[str, int]) -> list[str]:
    """Fixed decimals: some readers take no exponents."""
    return [
        f"{numbers[label.class_name]} {cx:.6f} {cy:.6f} {wide:.6f} {high:.6f}\n"
        for label, (cx, cy, wide, high) in zip(
            picture.labels, _centred(picture).tolist(), strict=True
        )
    ]


def _data_yaml(export: Export) -> str:
    """Without `path`: places are then relative to the file, wherever a trainer is started."""
    places = "".join(f"{split}: images/{split}\n" for split in export.splits)
    rows = (f"  {number}: {_quoted(name)}\n" for number, name in enumerate(export.classes))
    return f"{places}names:\n{''.join(rows)}" if export.classes else f"{places}names: {{}}\n"


def _quoted(name: str) -> str:
    """A JSON string is one of YAML (1.2, section 1.3), but for what is not printable there."""
    text = json.dumps(name, ensure_ascii=False)
    return "".join(one if one.isprintable() else f"\\U{ord(one):08x}" for one in text)
