"""pycocotools' own example of results, on 100 images of COCO val2014: AP .505, .697, .573."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from bench.labels.accumulation import Averages, accumulated
from bench.labels.boxes import Boxes
from bench.labels.evaluator import evaluated


def averages(folder: Path) -> Averages:
    """Evaluate the results in a folder with the truth beside them."""
    truth = json.loads((folder / "instances_val2014_100.json").read_text())
    results = json.loads((folder / "instances_val2014_fakebbox100_results.json").read_text())
    size = np.array([one["bbox"] for one in results])
    boxes = Boxes(
        np.array([one["image_id"] for one in results]),
        np.array([one["category_id"] for one in results]),
        np.concatenate([size[:, :2], size[:, :2] + size[:, 2:]], axis=1),
        np.array([one["score"] for one in results]),
    )
    return accumulated(evaluated(truth, boxes))
