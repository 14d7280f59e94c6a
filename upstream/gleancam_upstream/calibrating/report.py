"""How a calibration looks: tables for people, a document for programs."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from gleancam_engines.voting.calibration import Curve
from gleancam_upstream.calibrating.outcome import Outcome

SHOWN = (0.1, 0.3, 0.5, 0.7, 0.9)
"""Scores whose probabilities are printed."""
_MEASURES = {
    "ece": "ECE, 15 bins of equal width",
    "ece_mass": "ECE, 15 bins of equal mass",
    "brier": "Brier score",
    "nll": "negative log-likelihood, nats",
}


def document(outcome: Outcome, path: str) -> dict[str, Any]:
    """Return all of it, as JSON has it; `path` is where the calibration was written."""
    gathered = outcome.gathered
    return {
        "committee": gathered.committee.digest,
        "members": [one.id for one in gathered.committee.members],
        "method": outcome.method,
        "images": gathered.images,
        "labels": len(gathered.judged),
        "right": int(gathered.judged.right.sum()),
        "left_out": gathered.left_out,
        "before": asdict(outcome.before),
        "after_cross_validated": asdict(outcome.after),
        "helps": outcome.helps,
        "common": asdict(outcome.calibration.common),
        "classes": [
            {
                "class": name,
                "labels": count,
                "right": right,
                "curve": asdict(curve) if curve else None,
            }
            for name, count, right, curve in _classes(outcome)
        ],
        "file": path,
    }


def print_outcome(console: Console, outcome: Outcome, path: str) -> None:
    """Print the tables, what was left out, and what to do with the file."""
    console.print(_measures_table(outcome))
    console.print(_curves_table(outcome))
    for why, count in outcome.gathered.left_out.items():
        console.print(f"left out: {count} {why}", markup=False, highlight=False)
    if not outcome.helps:
        console.print("the scores as they are do no worse: do not use this calibration")
    console.print(
        f"written to {path}; on the device it belongs to <models.directory>/calibrations/"
        f"{outcome.gathered.committee.digest}.json",
        markup=False,
        highlight=False,
        soft_wrap=True,
    )


def _measures_table(outcome: Outcome) -> Table:
    gathered = outcome.gathered
    table = Table(title=f"{len(gathered.judged)} labels in {gathered.images} images")
    for name in ("measure", "scores", "calibrated, cross-validated"):
        table.add_column(name, justify="left" if name == "measure" else "right")
    before, after = asdict(outcome.before), asdict(outcome.after)
    for key, name in _MEASURES.items():
        table.add_row(name, f"{before[key]:.4f}", f"{after[key]:.4f}")
    return table


def _curves_table(outcome: Outcome) -> Table:
    table = Table(title=f"Probability by score ({outcome.method})")
    for name in ("class", "labels", "right", *map(str, SHOWN)):
        table.add_column(name, justify="left" if name == "class" else "right")
    judged = outcome.gathered.judged
    common = outcome.calibration.common
    table.add_row("all", str(len(judged)), f"{judged.right.mean():.2f}", *_cells(common))
    for name, count, right, curve in _classes(outcome):
        cells = _cells(curve) if curve else ["as all", *[""] * (len(SHOWN) - 1)]
        table.add_row(name, str(count), f"{right / count:.2f}", *cells)
    return table


def _cells(curve: Curve) -> list[str]:
    return [f"{one:.2f}" for one in curve.probabilities(np.array(SHOWN, np.float64))]


def _classes(outcome: Outcome) -> list[tuple[str, int, int, Curve | None]]:
    """Give name, labels, right ones and own curve of each class, the most frequent first."""
    judged = outcome.gathered.judged
    names, place = np.unique(judged.class_name, return_inverse=True)
    counts, right = np.bincount(place), np.bincount(place, weights=judged.right)
    curves = outcome.calibration.by_class
    return [
        (str(names[row]), int(counts[row]), int(right[row]), curves.get(str(names[row])))
        for row in np.argsort(-counts, kind="stable")
    ]
