"""The law: what was committed is at the consumer once, waits, or is told of as given up."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chaos.witness import read


@dataclass(frozen=True)
class Account:
    """One reckoning, in parcels (samples and events).

    Attributes:
        kept: ever committed.
        delivered: at the consumer, and on its disk.
        waiting: in the spool, not dead, and not at the consumer.
        lost: told or still to be told to upstream, by reason.
    """

    kept: int
    delivered: int
    waiting: int
    dead: int
    lost: Counter[str]
    violations: tuple[str, ...]


@dataclass(frozen=True)
class Spooled:
    """The spool's file. Read before the dataset: what leaves meanwhile has arrived.

    Attributes:
        tombstones: their losses, by the id of the parcel that tells of them.
    """

    committed: int
    states: dict[str, str]
    untold: list[dict[str, Any]]
    tombstones: dict[str, list[dict[str, Any]]]


def account(spool: Path, out: Path, seen: set[str]) -> Account:
    """Reckon; right at any moment, exact while no daemon runs."""
    spooled = _spooled(spool)
    arrived, told = _dataset(out)
    under_way = (lost for one, lost in spooled.tombstones.items() if one not in arrived)
    losses = told + spooled.untold + [loss for lost in under_way for loss in lost]
    lost: Counter[str] = Counter()
    for loss in losses:
        lost[loss["reason"]] += loss["samples"] + loss["events"]
    named = {one for loss in losses for one in loss["ids"]}
    known = set(arrived) | set(spooled.states) | named
    unnamed = lost.total() - len(named)
    return Account(
        kept=spooled.committed,
        delivered=len(set(arrived)),
        waiting=sum(s != "dead" and one not in arrived for one, s in spooled.states.items()),
        dead=sum(state == "dead" for state in spooled.states.values()),
        lost=lost,
        violations=tuple(_wrong(spooled.committed, seen, known, unnamed, arrived, lost)),
    )


def undelivered_until(spool: Path, last: int) -> int:
    """How many of the first `last` parcels are still to be delivered."""
    query = "SELECT count(*) FROM parcels WHERE seq <= ? AND state != 'dead'"
    found = read(spool, query, last)
    return int(found[0][0]) if found else 1


def _wrong(
    committed: int,
    seen: set[str],
    known: set[str],
    unnamed: int,
    arrived: Counter[str],
    lost: Counter[str],
) -> list[str]:
    missing = committed - len(known)
    wrong = [f"{one} is at the consumer {n} times" for one, n in arrived.items() if n > 1]
    if missing > unnamed:
        wrong.append(f"{missing - unnamed} of {committed} committed parcels are nowhere")
    if missing < 0:
        wrong.append(f"{-missing} parcels are somewhere that were never committed")
    if len(seen - known) > unnamed:
        wrong.append(f"seen on disk and nowhere now: {sorted(seen - known)[:5]}")
    if lost["damaged"]:
        wrong.append(f"{lost['damaged']} parcels were damaged")
    return wrong


def _spooled(spool: Path) -> Spooled:
    # One statement, one moment: rows, losses and the count must belong together.
    query = (
        "SELECT 'n', seq, '', NULL FROM sqlite_sequence WHERE name = 'parcels'"
        " UNION ALL SELECT 'row', parcel_id, state,"
        "  (SELECT data FROM bodies WHERE bodies.seq = parcels.seq AND lane = 'tombstone')"
        "  FROM parcels"
        " UNION ALL SELECT 'loss', reason, samples || ' ' || events, ids FROM losses"
    )
    committed, untold = 0, []
    states: dict[str, str] = {}
    tombstones: dict[str, list[dict[str, Any]]] = {}
    for what, first, second, third in read(spool, query):
        if what == "n":
            committed = int(first)
        elif what == "row":
            states[first] = second
            if third is not None:
                tombstones[first] = json.loads(third)["lost"]
        else:
            samples, events = map(int, second.split())
            untold.append(_loss(first, samples, events, json.loads(third)))
    return Spooled(committed, states, untold, tombstones)


def _loss(reason: str, samples: int, events: int, ids: list[str]) -> dict[str, Any]:
    return {"reason": reason, "samples": samples, "events": events, "ids": ids}


def _dataset(out: Path) -> tuple[Counter[str], list[dict[str, Any]]]:
    arrived: Counter[str] = Counter()
    told: list[dict[str, Any]] = []
    for line in _lines(out / "index.jsonl"):
        arrived[line["sample_id"]] += 1
    for line in _lines(out / "events.jsonl"):
        if line["event_id"]:
            arrived[line["event_id"]] += 1
            told += line["data"].get("lost") or []
    return arrived, told


def _lines(path: Path) -> list[dict[str, Any]]:
    """Whole lines only: the consumer may be writing the last one."""
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text().rpartition("\n")[0].splitlines()]
