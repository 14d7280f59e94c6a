"""Run by .venv's Python: write every export and, beside them, what a reader should find.

Usage: make_exports.py FOLDER. `expected.json` is made from the manifests, not by exporting.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from gleancam_upstream.__main__ import main
from gleancam_upstream.kept import index, load
from made_datasets import NAMES, awkward, write_dataset

FORMATS = ("coco", "yolo", "voc", "voc-zero-based", "cvat", "label-studio", "fiftyone")


def expected(dataset: Path) -> dict[str, object]:
    """Return pictures by file name with class and corners, pixels of the JPEG, of every label."""
    pictures = {}
    for row in index(dataset):
        data = load(dataset, row).data
        size = (data.image.width, data.image.height) * 2
        pictures[f"{data.camera}_{data.sample_id}.jpg"] = {
            "size": size[:2],
            "scene": [data.camera, data.scene.id],
            "labels": [
                {
                    "class": label.class_name,
                    "corners": [share * side for share, side in zip(label.box, size, strict=True)],
                    "score": label.score,
                    "votes": label.votes,
                }
                for label in data.labels
            ],
        }
    return {"classes": NAMES, "pictures": pictures}


def make(folder: Path) -> None:
    """Write the dataset, the exports and what they should hold."""
    dataset = folder / "dataset"
    write_dataset(dataset, awkward())
    for name in FORMATS:
        form, *rest = name.split("-zero-", 1)
        command = ["labels", "export", str(dataset), "--format", form, "--out", str(folder / name)]
        command += ["--split", "train=0.6,val=0.4", *(["--zero-based"] if rest else [])]
        if code := main(command):
            sys.exit(code)
    (folder / "expected.json").write_text(json.dumps(expected(dataset)), encoding="utf-8")


if __name__ == "__main__":
    make(Path(sys.argv[1]))
