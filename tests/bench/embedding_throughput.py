"""Embeddings a second: our engines against the usual loop of open_clip and Pillow.

    .venv/bin/python tests/bench/embedding_throughput.py ARCHITECTURE TAG IMAGES [--rounds N]

The same CPU, two threads, weights (random) and pictures, in turn; the best round of each counts.
The usual loop opens a JPEG with Pillow, transforms it as open_clip does, and encodes it with torch
in fp32, one picture at a time. Ours takes planes, which on a device come from the camera's decoder
and not from a JPEG, resizes them and encodes eight at a time; with `+ JPEG` it also reads the files
first. Needs the toolchain extra.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from PIL import Image

from gleancam_engines.embedder import Embedder, open_embedder
from gleancam_engines.errors import BackendUnavailableError
from gleancam_engines.export._torch import load_torch
from gleancam_engines.export.exporting import export_model
from gleancam_engines.export.request import Request
from gleancam_engines.opening import Backend, Opening
from gleancam_engines.photographs import read_photographs
from gleancam_engines.planes import Planes
from gleancam_engines.precision import Precision
from made_clip import save_random_weights

Rows: TypeAlias = npt.NDArray[np.float32]
Run: TypeAlias = Callable[[], Rows]

BATCH = 8
COUNT = 4 * BATCH
CHOICES: tuple[tuple[Backend, Precision], ...] = (
    ("onnxruntime", "fp32"),
    ("openvino", "fp32"),
    ("openvino", "bf16"),
)


def main() -> None:
    """Print a line of JSON for each way."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("architecture")
    parser.add_argument("tag", help="whose preprocessing and activation, e.g. laion2b_s34b_b79k")
    parser.add_argument("images", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        weights = save_random_weights(args.architecture, args.tag, Path(folder) / "weights.pt")
        request = Request(args.architecture, args.tag, weights, name="model", text=False)
        directory = export_model(request, Path(folder)).directory
        images = some(args.images, Path(folder) / "images")
        usual = the_usual_loop(args.architecture, weights, images)
        runs = {"open_clip + Pillow, torch fp32": usual, **dict(ours(directory, images))}
        report(race(runs, args.rounds), usual())


def some(images: Path, folder: Path) -> Path:
    """Make a folder of as many pictures as are wanted, and return it."""
    folder.mkdir()
    for file in sorted(images.glob("*.jpg"))[:COUNT]:
        (folder / file.name).symlink_to(file.resolve())
    return folder


def report(results: dict[str, tuple[float, Rows]], reference: Rows) -> None:
    base = next(iter(results.values()))[0]
    for name, (rate, rows) in results.items():
        cosine = float((rows * reference).sum(axis=1).min())
        line = {"run": name, "images_per_s": round(rate, 2), "ratio": round(rate / base, 2)}
        print(json.dumps({**line, "least_cosine": round(cosine, 5)}))


def race(runs: dict[str, Run], rounds: int) -> dict[str, tuple[float, Rows]]:
    """Run all in turn, several times; the best round of each counts."""
    best: dict[str, tuple[float, Rows]] = {}
    for _ in range(rounds):
        for name, run in runs.items():
            start = time.perf_counter()
            rows = run()
            rate = len(rows) / (time.perf_counter() - start)
            best[name] = max(best.get(name, (0.0, rows)), (rate, rows), key=lambda pair: pair[0])
    return best


def the_usual_loop(architecture: str, weights: Path, images: Path) -> Run:
    torch: Any = load_torch()
    import open_clip

    torch.set_num_threads(2)
    model, _, transform = open_clip.create_model_and_transforms(architecture, str(weights))
    model.eval()
    files = sorted(images.iterdir())

    def embed(file: Path) -> Any:
        with Image.open(file) as picture:
            tensor = transform(picture.convert("RGB"))[None]
        return model.encode_image(tensor, normalize=True)[0].numpy()

    def run() -> Rows:
        with torch.inference_mode():
            return np.stack([embed(file) for file in files])

    return run


def ours(model: Path, images: Path) -> Iterator[tuple[str, Run]]:
    photographs = read_photographs(images, COUNT)
    for backend, precision in CHOICES:
        opening = Opening(backend, precision, 2, (1, BATCH), unverified=True)
        try:
            embedder = open_embedder(model, opening)
        except BackendUnavailableError as error:
            print(json.dumps({"run": f"{backend} {precision}", "not run": str(error)}))
            continue
        yield f"gleancam, {embedder.backend}", in_batches(embedder, lambda: photographs)
        reading = in_batches(embedder, lambda: read_photographs(images, COUNT))
        yield f"gleancam, {embedder.backend} + JPEG", reading


def in_batches(embedder: Embedder, read: Callable[[], Sequence[Planes]]) -> Run:
    def run() -> Rows:
        frames = read()
        parts = [frames[at : at + BATCH] for at in range(0, len(frames), BATCH)]
        return np.concatenate([embedder.embed(part) for part in parts])

    return run


if __name__ == "__main__":
    main()
