"""What is kept of a run: the outputs, thinned, and the boxes that others found in them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Recorded:
    """One photograph.

    Attributes:
        frame: width and height.
        outputs: by role, those of the model; what scores next to nothing is overwritten.
        found: `(N, 6)`: score, class number, x1, y1, x2, y2 in pixels of the photograph, found by
            others in the outputs as they were.
    """

    name: str
    frame: tuple[int, int]
    outputs: Mapping[str, Floats]
    found: Floats


def about(model: str, content: bytes, by: Sequence[str], **more: Any) -> dict[str, Any]:
    """Return what is to be known of a recording; `by` are the packages that found the boxes."""
    versions = {package: version(package) for package in by}
    sha256 = hashlib.sha256(content).hexdigest() if content else ""
    return {"model": model, "sha256": sha256, "found_by": versions, **more}


def write(path: Path, told: Mapping[str, Any], photographs: Sequence[Recorded]) -> None:
    arrays: dict[str, Any] = {"about": np.array(json.dumps(told))}
    for one in photographs:
        arrays[f"{one.name}/frame"] = np.array(one.frame)
        arrays[f"{one.name}/found"] = one.found.astype(np.float32)
        for role, array in one.outputs.items():
            arrays[f"{one.name}/output/{role}"] = array
    np.savez_compressed(path, **arrays)


def rows(score: Any, number: Any, xyxy: Any) -> Floats:
    """Return `found` from its parts, any of which may be empty."""
    parts = [np.reshape(np.asarray(one, np.float32), (-1, 1)) for one in (score, number)]
    return np.concatenate([*parts, np.reshape(np.asarray(xyxy, np.float32), (-1, 4))], axis=1)
