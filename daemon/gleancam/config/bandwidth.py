"""Bytes in a time as a person writes them, and the budget that selection and the link share."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction

import msgspec

from gleancam.config.keys import Bandwidth, Config, Mqtt
from gleancam.config.problem import Problem
from gleancam.config.selection_keys import Selection

LEAST_RATE = 1000
"""Bytes a second. Statuses are never held back, and a slower link would do nothing else."""

_WRITTEN = re.compile(r"^([0-9]+(?:\.[0-9]+)?) ?(kB|MB|GB)/(s|hour|day)\Z")
_BYTES = {"kB": 10**3, "MB": 10**6, "GB": 10**9}
_A_DAY = {"s": 1, "hour": 24, "day": 1}


def byte_count(written: str | None) -> int | None:
    """Return the bytes of `200 kB/s` a second, of `1 MB/hour` and `50 MB/day` a day.

    Returns:
        None for None, and for a number of samples.
    """
    found = None if written is None else _WRITTEN.match(written)
    if found is None:
        return None
    number, unit, period = found.groups()
    return int(Fraction(number) * _BYTES[unit] * _A_DAY[period])


def shared_budget(config: Config) -> Config:
    """Let nothing be selected that the link may not send: of two budgets the smaller holds."""
    link = None if config.mqtt is None else config.mqtt.bandwidth.budget
    own = config.selection.budget
    if link is None or not _smaller(link, own):
        return config
    selection = msgspec.structs.replace(config.selection, budget=link)
    return msgspec.structs.replace(config, selection=selection)


def shared_by(config: Config) -> str:
    """Say, of a loaded configuration, whose budget it is that selection has; empty: no link's."""
    link = None if config.mqtt is None else config.mqtt.bandwidth.budget
    if link is None:
        return ""
    if config.selection.budget == link:
        return f"{link} may be selected, as mqtt.bandwidth.budget says"
    return f"{config.selection.budget} may be selected, less than mqtt.bandwidth.budget ({link})"


def bandwidth_problems(mqtt: Mqtt, selection: Selection | None) -> Iterator[Problem]:
    """Find limits that cannot hold.

    Yields:
        Rates that are too small for statuses; a budget in samples beside one in bytes.
    """
    yield from _slow(mqtt.bandwidth)
    own = None if selection is None else selection.budget
    if mqtt.bandwidth.budget is not None and own is not None and byte_count(own) is None:
        what = f"counts samples, and mqtt.bandwidth.budget ({mqtt.bandwidth.budget}) bytes"
        cure = "leave it out, or write it in kB, MB or GB; cameras' own may count samples"
        yield Problem("selection.budget", f'"{own}"', what, cure)


def _slow(bandwidth: Bandwidth) -> Iterator[Problem]:
    rates = {"rate": bandwidth.rate, "metered.rate": bandwidth.metered.rate}
    for key, rate in rates.items():
        if (count := byte_count(rate)) is not None and count < LEAST_RATE:
            what = f"is less than {LEAST_RATE // 1000} kB/s, which statuses alone may need"
            yield Problem(f"mqtt.bandwidth.{key}", f'"{rate}"', what)


def _smaller(link: str, own: str | None) -> bool:
    theirs, ours = byte_count(link), byte_count(own)
    return ours is None or (theirs is not None and theirs < ours)
