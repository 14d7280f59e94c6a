"""The labelling benchmark: three detectors alone and together, on photographs with ground truth.

    make bench-labels
    PYTHONPATH=tests .venv/bin/python -m bench.labels [--data DIR] [--json] [--write]
        [--images DIR --annotations FILE]...

Run from the repository's root. What the detectors saw is kept in .cache/bench.
"""

from __future__ import annotations

import argparse
import os
from dataclasses import asdict
from pathlib import Path

import msgspec
from rich.console import Console

from bench.labels.measuring import measured
from bench.labels.members import models
from bench.labels.page import page
from bench.labels.photographs import read
from bench.labels.result import Result

HERE = Path(__file__).parents[1]
DATA = Path(os.environ.get("GLEANCAM_EVALUATION_DATA", HERE.parents[2] / "shared" / "data"))
MODELS = Path(os.environ.get("GLEANCAM_MODELS", ".cache/models"))
MADE = Path(".cache/bench/models")


def main() -> None:
    """Measure, then print the tables or JSON, and write page and plots when asked."""
    args = _arguments()
    folders = list(zip(args.images, args.annotations, strict=True)) or [_usual(args.data)]
    three = models(MODELS, args.efficientdet or _efficientdet(args.data), MADE)
    with Console(stderr=True).status("") as status:
        result = measured(three, read(folders), args.data / "detections", status.update)
    text = page(result)
    if args.write:
        from bench.labels.plots import plot

        (HERE / "LABELS.md").write_text(text)
        plot(result, HERE)
    print(_json(result) if args.json else text)


def _json(result: Result) -> str:
    """Numbers that are none, of an empty bin, become null."""
    return msgspec.json.format(msgspec.json.encode(asdict(result)), indent=1).decode()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA, help="the evaluation data")
    parser.add_argument("--efficientdet", type=Path, help="effdet_lite2.onnx")
    parser.add_argument("--images", type=Path, action="append", default=[], help="a folder")
    parser.add_argument(
        "--annotations", type=Path, action="append", default=[], help="COCO file of that folder"
    )
    parser.add_argument("--json", action="store_true", help="print a JSON object")
    parser.add_argument("--write", action="store_true", help="write LABELS.md and its plots")
    args = parser.parse_args()
    if len(args.images) != len(args.annotations):
        parser.error("--images and --annotations come in pairs")
    if not args.data.is_dir():
        parser.error(f"there is no data at {args.data}; set GLEANCAM_EVALUATION_DATA")
    return args


def _usual(data: Path) -> tuple[Path, Path]:
    images = data / "images"
    return images / "coco_val2017_76", images / "instances_coco_val2017_76.json"


def _efficientdet(data: Path) -> Path:
    return data.parent / "models" / "effdet_lite2.onnx"


if __name__ == "__main__":
    main()
