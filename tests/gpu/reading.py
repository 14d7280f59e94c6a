"""From what a step printed to rows of the table."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from gleancam_engines.errors import ManifestError
from gleancam_engines.manifest import load
from gpu.step import Row


def rows(line: str) -> list[Row]:
    return [(name, figure) for name, figure in json.loads(line)]


def plan(line: str) -> list[Row]:
    told = json.loads(line)
    mib = told["size_bytes"] / 2**20
    return [("", f"{told['seconds']} s, {mib:.1f} MiB, batches {told['batches']}")]


def receipt(line: str) -> list[Row]:
    told = json.loads(line)
    (one,) = told if isinstance(told, list) else [told]
    result: dict[str, Any] = one["result"]
    figure = f"{result['measure']} {result['value']:.5f}, at least {result['bar']}"
    return [("", f"{figure}, on {one['pictures']} photographs")]


def measurements(line: str) -> list[Row]:
    return [(f"batch {one['batch']}", measurement(one)) for one in json.loads(line)]


def measurement(one: dict[str, Any]) -> str:
    whole = f"{one['images_per_s']:.1f} img/s, {one['p50_ms']:.2f} ms, p95 {one['p95_ms']:.2f}"
    alone = f"model alone {one['model_ms']:.2f} ms"
    if one["ceiling_gflops"] is None:
        return f"{whole}, {alone}"
    share = one["gflops"] / one["ceiling_gflops"]
    return f"{whole}, {alone}, {share:.0%} of {one['ceiling_gflops']:.0f} GFLOP/s"


def batches(directory: Path) -> str:
    """Return the sizes that `compile` takes of itself; before the model is here, a guess."""
    try:
        fixed = load(directory).inputs[0].shape[0]
    except ManifestError:
        return "1"
    return "1,8" if fixed < 0 else str(fixed)
