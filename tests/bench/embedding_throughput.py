"""Embeddings a second: our engines against the usual loop of open_clip and Pillow.

    .venv/bin/python tests/bench/embedding_throughput.py MODEL_DIRECTORY ARCHITECTURE IMAGES

The same CPU, threads, weights and pictures, in turn. The usual loop opens a JPEG with Pillow,
transforms it as open_clip does, and encodes it with torch in fp32, one picture at a time. Ours
takes the JPEG's planes, which on a device come from the camera's decoder, resizes them and encodes
eight at a time. MODEL_DIRECTORY is an export of ARCHITECTURE with the weights in CHECKPOINT.
Needs the toolchain extra.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import open_clip
import torch
from PIL import Image

from gleancam_engines.embedder import Embedder, open_embedder
from gleancam_engines.errors import BackendUnavailableError
from gleancam_engines.opening import Opening
from gleancam_engines.photographs import read_photographs

BATCH = 8
OPENINGS = (
    Opening("onnxruntime", "fp32", 2, (1, BATCH), unverified=True),
    Opening("openvino", "fp32", 2, (1, BATCH), unverified=True),
    Opening("openvino", "bf16", 2, (1, BATCH), unverified=True),
)


def main() -> None:
    """Print a table of throughput and agreement as JSON lines."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("architecture")
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("images", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    files = sorted(args.images.glob("*.jpg"))[: 4 * BATCH]
    usual = the_usual_loop(args.architecture, args.checkpoint, files)
    runs = {"open_clip + Pillow, torch fp32": usual, **dict(ours(args.model, args.images))}
    reference = usual()
    for name, (images_per_s, rows) in race(runs, args.rounds).items():
        cosine = (rows * reference).sum(axis=1)
        print(
            json.dumps(
                {
                    "run": name,
                    "images_per_s": round(images_per_s, 2),
                    "least_cosine": round(float(cosine.min()), 5),
                }
            )
        )


def race(
    runs: dict[str, Callable[[], npt.NDArray[np.float32]]], rounds: int
) -> dict[str, tuple[float, npt.NDArray[np.float32]]]:
    """Run all in turn, several times; the best of each counts."""
    best: dict[str, tuple[float, npt.NDArray[np.float32]]] = {}
    for _ in range(rounds):
        for name, run in runs.items():
            start = time.perf_counter()
            rows = run()
            rate = len(rows) / (time.perf_counter() - start)
            if name not in best or rate > best[name][0]:
                best[name] = (rate, rows)
    return best


def the_usual_loop(
    architecture: str, checkpoint: Path, files: list[Path]
) -> Callable[[], npt.NDArray[np.float32]]:
    torch.set_num_threads(2)
    model, _, transform = open_clip.create_model_and_transforms(
        architecture, pretrained=str(checkpoint)
    )
    model.eval()

    def embed(file: Path) -> Any:
        with Image.open(file) as picture:
            return model.encode_image(transform(picture)[None], normalize=True)[0].numpy()

    def run() -> npt.NDArray[np.float32]:
        with torch.inference_mode():
            return np.stack([embed(file) for file in files])

    return run


def ours(model: Path, images: Path) -> Iterator[tuple[str, Callable[[], npt.NDArray[np.float32]]]]:
    photographs = read_photographs(images, 4 * BATCH)
    for opening in OPENINGS:
        try:
            embedder = open_embedder(model, opening)
        except BackendUnavailableError as error:
            print(
                json.dumps({"run": f"{opening.backend} {opening.precision}", "not_run": str(error)})
            )
            continue
        yield f"gleancam, {embedder.backend}", batches(embedder, photographs)


def batches(embedder: Embedder, photographs: Any) -> Callable[[], npt.NDArray[np.float32]]:
    def run() -> npt.NDArray[np.float32]:
        parts = [photographs[at : at + BATCH] for at in range(0, len(photographs), BATCH)]
        return np.concatenate([embedder.embed(part) for part in parts])

    return run


if __name__ == "__main__":
    main()
