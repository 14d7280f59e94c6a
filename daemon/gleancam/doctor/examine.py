"""All examinations, in the order a person would mend things."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from gleancam.config.file import load
from gleancam.config.keys import Config
from gleancam.doctor import (
    account,
    bandwidth,
    broker,
    calibration,
    clock,
    disk,
    engines,
    labels,
    models,
    prototypes,
    software,
    twin,
)
from gleancam.doctor.finding import Finding, fail, ok
from gleancam.errors import ConfigurationError

OF_THE_MACHINE: tuple[Callable[[], Iterator[Finding]], ...] = (
    software.examine,
    account.examine,
    clock.examine,
)
OF_THE_SITE: tuple[Callable[[Config], Iterator[Finding]], ...] = (
    engines.examine,
    models.examine,
    prototypes.examine,
    labels.examine,
    calibration.examine,
    twin.examine,
    disk.examine,
    broker.examine,
    bandwidth.examine,
)


def examine(path: Path | None) -> Iterator[Finding]:
    """Look at the machine and, with a configuration, at what that names.

    Yields:
        Findings as they are made; one may take a few seconds.
    """
    for machine in OF_THE_MACHINE:
        yield from machine()
    if path is None:
        return
    try:
        config = load(path)
    except ConfigurationError as error:
        yield fail("config", str(error), "mend it; gleancam check looks again")
        return
    yield ok("config", f"{path} can be used")
    for site in OF_THE_SITE:
        yield from site(config)
