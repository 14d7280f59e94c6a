"""Look into the spool, also while the daemon runs. Changes nothing."""

from __future__ import annotations

import argparse
import json
from contextlib import closing
from dataclasses import asdict
from datetime import datetime, timezone
from pathlib import Path

from gleancam.config.file import DEFAULT_PATH, load
from gleancam.spool.view import SpoolRow, SpoolStat, SpoolView

LISTED = 100


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("what", choices=("ls", "stat"), help="list parcels, or count them")
    place = parser.add_mutually_exclusive_group()
    place.add_argument("--config", type=Path, default=DEFAULT_PATH, metavar="FILE")
    place.add_argument("--path", type=Path, metavar="DB", help="the spool itself")
    parser.add_argument("--limit", type=int, default=LISTED, help="parcels listed, oldest first")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace) -> int:
    """Print the spool's parcels or its numbers.

    Raises:
        ConfigurationError: the configuration that names the spool cannot be used.
        SpoolError: there is no spool, or it cannot be read.
    """
    path = args.path or Path(load(args.config).spool.path)
    with closing(SpoolView.open(path)) as spool:
        if args.what == "ls":
            _print_rows(spool.rows(args.limit), as_json=args.json)
        else:
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
