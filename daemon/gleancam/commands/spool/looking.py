"""Listing what waits in the spool, and counting it; also while the daemon runs."""

from __future__ import annotations

import argparse
import json
from contextlib import closing
from dataclasses import asdict
from datetime import datetime, timezone

from gleancam.commands.spool.arguments import add_place, place
from gleancam.spool.view import SpoolRow, SpoolStat, SpoolView

LISTED = 100


def configure_ls(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `ls`."""
    configure_stat(parser)
    parser.add_argument("--limit", type=int, default=LISTED, help="parcels listed, oldest first")


def configure_stat(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `stat`."""
    add_place(parser)
    parser.add_argument("--json", action="store_true", help="print JSON")


def run_ls(args: argparse.Namespace) -> int:
    """Print the spool's parcels, oldest first; raises as `place` and `SpoolView`."""
    with closing(SpoolView.open(place(args))) as spool:
        _print_rows(spool.rows(args.limit), as_json=args.json)
    return 0


def run_stat(args: argparse.Namespace) -> int:
    """Print the spool's numbers; raises as `place` and `SpoolView`."""
    with closing(SpoolView.open(place(args))) as spool:
        _print_stat(spool.stat(), as_json=args.json)
    return 0


def _print_rows(rows: list[SpoolRow], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps([asdict(row) for row in rows]))
        return
    for row in rows:
        print(_line(row))


def _line(row: SpoolRow) -> str:
    what = f"{row.parcel_id}  {row.state.value:<8}  {row.kind:<7}  {row.camera_id:<12}"
    size = f"{_time(row.captured_ns)}  {row.bytes:>9} B  {row.attempts} attempts"
    return f"{what}  {size}  {row.why}".rstrip()


def _print_stat(stat: SpoolStat, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(asdict(stat)))
        return
    for state, count in stat.parcels.items():
        print(f"{state.value:<9}{count}")
    print(f"{'bytes':<9}{stat.bytes}")
    print(f"{'oldest':<9}{'-' if stat.oldest_ns is None else _time(stat.oldest_ns)}")


def _time(utc_ns: int) -> str:
    moment = datetime.fromtimestamp(utc_ns / 1e9, tz=timezone.utc)
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
