"""What may be looked at because somebody asked from afar, and how it is told to them.

Left out is what takes long, or reaches out: hashing models, connecting to the broker (which is
there, since the question came over it). What is told names no secret and no file that holds one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import TypeAlias

from gleancam.config.keys import Config
from gleancam.config.named_files import named_files
from gleancam.credentials import hide_credentials
from gleancam.doctor import (
    account,
    bandwidth,
    broker,
    calibration,
    clock,
    disk,
    engines,
    labels,
    prototypes,
    software,
    twin,
)
from gleancam.doctor.finding import Finding, fail
from gleancam.errors import GleancamError
from gleancam_engines.errors import EngineError

MOST_OF_A_CHECK = 16
HIDDEN_FILE = "(a file)"

Check: TypeAlias = Callable[[Config], Iterator[Finding]]

CHECKS: dict[str, Check] = {
    "software": lambda _config: software.examine(),
    "account": lambda _config: account.examine(),
    "clock": lambda _config: clock.examine(),
    "engine": engines.examine,
    "prototypes": prototypes.examine,
    "labels": labels.examine,
    "calibration": calibration.examine,
    "remote": twin.examine,
    "disk": disk.examine,
    "broker": broker.examine_settings,
    "bandwidth": bandwidth.examine,
}
"""By the name that is said when one takes too long."""


def look(name: str, check: Check, config: Config) -> tuple[Finding, ...]:
    """Make one check; one that cannot be made is a finding, too."""
    try:
        findings = tuple(islice(check(config), MOST_OF_A_CHECK))
    except (OSError, LookupError, ValueError, GleancamError, EngineError) as error:
        findings = (fail(name, f"it could not be looked at: {error}", "see gleancam doctor"),)
    return tuple(discreet(finding, config) for finding in findings)


def discreet(finding: Finding, config: Config) -> Finding:
    """Return a finding without credentials and paths of configured files, one line each."""
    what, cure = (_discreet(text, config) for text in (finding.what, finding.cure))
    return Finding(finding.level, finding.part, what, cure)


def _discreet(text: str, config: Config) -> str:
    files = (value for _, value in named_files(config) if value)
    for name in sorted(files, key=len, reverse=True):
        text = text.replace(name, HIDDEN_FILE)
    return "".join(c if c.isprintable() else " " for c in hide_credentials(text))
