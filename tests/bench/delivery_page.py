"""The results of the delivery benchmark as a page of Markdown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from statistics import median

from bench.delivery_backlog import Backlog
from bench.delivery_rates import Drain, Pair
from bench.markdown import table

HEAD = """# Delivery: the spool's drain against a bare client

Written by `make bench-delivery`, in one run on one machine, broker (mosquitto, its default
configuration), a subscriber that throws everything away, and device sharing its cores. Rates
depend on the machine and on what else it does; ratios are of drains one right after the other."""

RATES = """## 100 KB pictures, confirmed by the broker

{pairs} rounds of {parcels} parcels. *gleancam*: spool on disk → digest → MQTT 5 → PUBACK → delete,
with `confirm = "puback"`, from CONNACK to the last commit of a delete. *Bare client*: paho alone,
its messages and their properties made before and held in memory, from CONNACK to the last PUBACK;
QoS 1 and a window of 20 messages for both. The same messages: the very bytes that gleancam
publishes, a picture of 100,000 bytes and a manifest of 3,000 for each parcel. Pictures alone: one
message for each. CPU is of the whole process, without broker and subscriber."""

BACKLOG = """## A backlog of {rows:,} rows of 4 KB

Times to open are medians, first samples the worst of {runs}, from CONNACK to the manifest at a
consumer that was online before. Memory is sampled from a tenth of the drain on."""


def page(parcels: int, pairs: Sequence[Pair], backlog: Backlog) -> str:
    """Give the whole page."""
    parts = [
        HEAD,
        RATES.format(pairs=len(pairs), parcels=parcels),
        _rates(pairs),
        BACKLOG.format(rows=backlog.rows, runs=backlog.runs),
        _backlog(backlog),
    ]
    return "\n\n".join(parts) + "\n"


def _rates(pairs: Sequence[Pair]) -> str:
    def row(name: str, drain: Callable[[Pair], Drain], ratio: str) -> list[str]:
        drains = [drain(pair) for pair in pairs]
        per_s, cpu = median(one.per_s for one in drains), median(one.cpu_ms for one in drains)
        return [name, f"{per_s:.0f}", f"{cpu:.2f}", ratio]

    return table(
        ["", "parcels/s, median", "CPU ms a parcel", "gleancam's rate to it: median (all)"],
        [
            row("gleancam", lambda pair: pair.device, ""),
            row(
                "bare client, the same messages",
                lambda pair: pair.bare,
                _all([p.ratio for p in pairs]),
            ),
            row(
                "bare client, pictures alone",
                lambda pair: pair.single,
                _all([p.single_ratio for p in pairs]),
            ),
        ],
    )


def _all(ratios: Sequence[float]) -> str:
    return f"{median(ratios):.0%} ({min(ratios):.0%} to {max(ratios):.0%})"


def _backlog(found: Backlog) -> str:
    return table(
        ["", "measured", "aim"],
        [
            ["opens in", f"{found.open_s:.2f} s", "< 1 s"],
            ["first sample, `puback`", f"{found.first_puback_s:.2f} s", "≤ 1 s"],
            ["first sample, `ingest`", f"{found.first_ingest_s:.2f} s", "≤ 1 s"],
            ["drain", f"{found.rows_per_s:.0f} rows/s", ""],
            [
                "RSS at a tenth, greatest, at the end",
                f"{found.rss_settled_mb:.0f}, {found.rss_most_mb:.0f}, {found.rss_end_mb:.0f} MB",
                "constant",
            ],
        ],
    )
