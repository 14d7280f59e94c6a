"""What the link may take, and whether the hour is known when that matters."""

from __future__ import annotations

from collections.abc import Iterator

from gleancam.clock import synchronised
from gleancam.config.bandwidth import shared_by
from gleancam.config.keys import Config
from gleancam.doctor.finding import Finding, ok, warn


def examine(config: Config) -> Iterator[Finding]:
    """Say whose budget holds, and warn of a window on a clock that is not set."""
    if shared := shared_by(config):
        yield ok("bandwidth", shared)
    window = None if config.mqtt is None else config.mqtt.bandwidth.backlog
    if window is not None and synchronised() is False:
        what = f"the clock is not set, so the backlog does not go in {window}, or ever"
        yield warn("bandwidth", what, "timedatectl set-ntp true, or install chrony")
