"""What was computed once is kept in a folder, under the hash of all it was computed from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

FOLDER = Path(".cache/bench")


def key(*parts: str) -> str:
    """Join what a result depends on into a name for it."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:24]


@cache
def of_file(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


@cache
def of_sources(*roots: Path) -> str:
    """SHA-256 of all Python files below these folders, and of their names."""
    files = sorted(file for root in roots for file in root.rglob("*.py"))
    return key(*(f"{file} {of_file(file)}" for file in files))


def remembered(name: str, make: Callable[[], Any], folder: Path = FOLDER) -> Any:
    """Return the JSON value of that name; make it the first time."""
    path = folder / f"{name}.json"
    if not path.exists():
        _replace(path, json.dumps(make()).encode())
    return json.loads(path.read_bytes())


def load_arrays(name: str, folder: Path = FOLDER) -> dict[str, npt.NDArray[Any]]:
    """Return the arrays of that name; empty when there are none."""
    path = folder / f"{name}.npz"
    if not path.exists():
        return {}
    with np.load(path, allow_pickle=False) as arrays:
        return dict(arrays)


def save_arrays(name: str, arrays: Mapping[str, npt.NDArray[Any]], folder: Path = FOLDER) -> None:
    """Keep arrays; a reader sees the old ones or the new ones, never a part."""
    folder.mkdir(parents=True, exist_ok=True)
    partial = folder / f"{name}.partial.npz"
    np.savez(partial, allow_pickle=False, **arrays)
    partial.replace(folder / f"{name}.npz")


def _replace(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    partial.write_bytes(content)
    partial.replace(path)
