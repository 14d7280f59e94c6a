"""A progress bar for each thing that is downloaded or made."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    ProgressColumn,
    TaskID,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
)

from gleancam_engines.fetching import progress


@contextmanager
def download_bars(console: Console, *, disable: bool = False) -> Iterator[progress.Progress]:
    """Give a callback that draws a bar of bytes on `console` for every `what` it is told of."""
    with _bars(console, DownloadColumn(), disable=disable) as tell:
        yield tell


@contextmanager
def step_bars(console: Console, *, disable: bool = False) -> Iterator[progress.Progress]:
    """Give a callback that draws a bar of steps, for what is made rather than downloaded."""
    with _bars(console, TaskProgressColumn(), TimeElapsedColumn(), disable=disable) as tell:
        yield tell


@contextmanager
def _bars(console: Console, *figures: ProgressColumn, disable: bool) -> Iterator[progress.Progress]:
    columns = (TextColumn("{task.description}"), BarColumn(), *figures)
    with Progress(*columns, console=console, disable=disable) as bars:
        tasks: dict[str, TaskID] = {}

        def tell(what: str, done_bytes: int, total_bytes: int | None) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what, total=total_bytes)
            bars.update(tasks[what], completed=done_bytes, total=total_bytes)

        yield tell
