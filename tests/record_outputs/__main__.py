"""Record one model on some photographs."""

from __future__ import annotations

import argparse
import importlib
from pathlib import Path

from record_outputs import photographs, recording


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m record_outputs", description=__doc__)
    parser.add_argument("family", help="a file of record_outputs: yolox, ultralytics_, detr …")
    parser.add_argument("model", type=Path, help="its file; of detr, one of its names")
    parser.add_argument("out", type=Path, help="the recording, .npz")
    parser.add_argument("photographs", type=Path, nargs="+")
    asked = parser.parse_args()
    seen = [photographs.read(path) for path in asked.photographs]
    about, done = importlib.import_module(f"record_outputs.{asked.family}").record(
        asked.model, seen
    )
    recording.write(asked.out, about, done)
    print(asked.out.stat().st_size, about, [len(one.found) for one in done])  # noqa: T201 - a tool


main()
