"""Whether UTC can be trusted."""

from __future__ import annotations

from collections.abc import Iterator

from gleancam.clock import synchronised
from gleancam.doctor.finding import Finding, ok, warn


def examine() -> Iterator[Finding]:
    """Ask the kernel whether something keeps its clock right."""
    answer = synchronised()
    if answer is None:
        yield warn("clock", "the kernel does not say whether it is set", "timedatectl")
    elif answer:
        yield ok("clock", "synchronised")
    else:
        cure = "timedatectl set-ntp true, or install chrony; samples are marked until then"
        yield warn("clock", "not synchronised", cure)
