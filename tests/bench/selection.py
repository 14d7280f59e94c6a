"""The selection benchmark: gleancam against what else could choose frames, at equal budgets.

    make bench-selection
    PYTHONPATH=tests .venv/bin/python -m bench.selection [--data DIR] [--json] [--write]

Run from the repository's root. What was computed once is kept in .cache/bench.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from bench.contest import Entry, contest
from bench.embeddings import Model, VideoEmbeddings
from bench.features import features
from bench.footage import Clip, clips
from bench.light_reactions import reactions
from bench.plots import plot
from bench.product import judged
from bench.tables import page

HERE = Path(__file__).parent
DATA = Path(os.environ.get("GLEANCAM_EVALUATION_DATA", HERE.parents[2] / "shared" / "data"))
MODELS = Path(os.environ.get("GLEANCAM_MODELS", ".cache/models"))


def main() -> None:
    """Measure, then print the tables or JSON, and write page and plot when asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA, help="the evaluation videos")
    parser.add_argument("--json", action="store_true", help="print a JSON object")
    parser.add_argument("--write", action="store_true", help="write SELECTION.md and selection.png")
    args = parser.parse_args()
    if not args.data.is_dir():
        parser.error(f"there are no videos at {args.data}; set GLEANCAM_EVALUATION_DATA")
    model = Model(MODELS)
    entries = enter(args.data, model)
    with Console(stderr=True).status("steps of the light, then the comparison"):
        result = contest(entries, reactions(args.data, model))
    text = page(result)
    if args.write:
        (HERE / "SELECTION.md").write_text(text)
        plot(entries, result, HERE / "selection.png")
    print(json.dumps(asdict(result), indent=1) if args.json else text)


def enter(data: Path, model: Model) -> list[Entry]:
    """Look at all clips; what is in the cache takes no time."""
    columns = SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn()
    with Progress(*columns, console=Console(stderr=True)) as progress:
        return [_entry(data, clip, model, progress) for clip in clips(data)]


def _entry(data: Path, clip: Clip, model: Model, progress: Progress) -> Entry:
    video = data / clip.file
    embeddings = VideoEmbeddings(video, model)
    seen = features(video, embeddings, clip.fps, _tick(progress, f"{clip.name}: baselines"))
    replayed = judged(clip, video, embeddings, _tick(progress, f"{clip.name}: gleancam"))
    return Entry(clip, video, embeddings, seen, replayed)


def _tick(progress: Progress, what: str) -> Callable[[], None]:
    task = progress.add_task(what, total=None)
    done = 0

    def tick() -> None:
        nonlocal done
        done += 1
        progress.update(task, description=f"{what}, {done} frames")

    return tick


if __name__ == "__main__":
    main()
