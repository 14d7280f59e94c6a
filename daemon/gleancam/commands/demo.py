"""Everything on one machine: simulated cameras, a broker, the daemon, a consumer, a verdict."""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

from rich.console import Console
from rich.live import Live

from gleancam.commands.download_bars import download_bars
from gleancam.demo.footage import fetch_footage
from gleancam.demo.progress import progress_table
from gleancam.demo.received import read_received
from gleancam.demo.report import Report
from gleancam.demo.site import Plan, Site
from gleancam.errors import ConfigurationError
from gleancam.model_directory import model_directory

MARK = ".gleancam-demo"
"""Lies in a folder that a demo made, so that only such a folder is ever emptied."""

CACHE = Path(".cache")


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "--out", type=Path, default=Path("demo-out"), metavar="DIR", help="default: %(default)s"
    )
    parser.add_argument(
        "--config",
        type=Path,
        default=Path("configs/demo.toml"),
        metavar="FILE",
        help="the daemon's configuration (default: %(default)s)",
    )
    parser.add_argument(
        "--seconds", type=float, default=60.0, metavar="S", help="how long (default: %(default)s)"
    )
    parser.add_argument(
        "--models",
        type=Path,
        default=model_directory(),
        metavar="DIR",
        help="where the models lie (default: %(default)s)",
    )
    parser.add_argument(
        "--footage",
        type=Path,
        default=CACHE / "footage",
        metavar="DIR",
        help="where the videos are kept (default: %(default)s)",
    )
    parser.add_argument(
        "--fetch-only", action="store_true", help="only bring the footage; start nothing"
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def run(args: argparse.Namespace) -> int:
    """Run the demo.

    Returns:
        0 when everything adds up, 1 when it does not.

    Raises:
        FootageError: a video could not be had.
        ChildError: a part did not start, or ended by itself.
    """
    console = Console(stderr=True)
    footage = _footage(args.footage, console)
    if args.fetch_only:
        return 0
    _empty(args.out)
    report = _play(Plan(args.config, footage, args.out, args.models), args.seconds, console)
    _draw_sheet(args.out)
    if args.json:
        sys.stdout.write(json.dumps(report.as_json(), indent=2) + "\n")
    else:
        report.print(Console())
        sys.stdout.write(f"Look at {args.out / 'kept.jpg'}\n")
    return 0 if report.passed() else 1


def _footage(folder: Path, console: Console) -> dict[str, Path]:
    with download_bars(console) as tell:
        return fetch_footage(folder, tell)


def _empty(out: Path) -> None:
    mark = out / MARK
    if out.exists() and any(out.iterdir()) and not mark.exists():
        raise ConfigurationError(
            f"{out} is not empty and was not made by a demo", cure="name another folder with --out"
        )
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    mark.touch()


def _play(plan: Plan, seconds: float, console: Console) -> Report:
    site = Site(plan)
    try:
        with console.status("loading models"):
            site.wait_until_ready()
        _watch(site, seconds, console)
        with console.status("stopping: the spool is delivered first"):
            daemon_code, counts = site.stop_daemon()
            consumer_code, summary = site.stop_consumer()
    finally:
        site.kill()
    return Report(
        counts=counts,
        received=read_received(plan.out, summary),
        exit_codes={"daemon": daemon_code, "consumer": consumer_code},
    )


def _watch(site: Site, seconds: float, console: Console) -> None:
    deadline = time.monotonic() + seconds
    with Live(console=console, auto_refresh=False, transient=True) as live:
        while (left_s := deadline - time.monotonic()) > 0:
            site.require_alive()
            if (counts := site.counts()) is not None:
                live.update(progress_table(counts, left_s), refresh=True)
            time.sleep(min(1.0, left_s))


def _draw_sheet(out: Path) -> None:
    command = [sys.executable, "-m", "gleancam_upstream", "sheet", str(out)]
    subprocess.run([*command, "--out", str(out / "kept.jpg")], check=True)
