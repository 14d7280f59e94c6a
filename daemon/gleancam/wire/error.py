"""What the parsers of the contract raise, and nothing else."""

from __future__ import annotations

from gleancam.errors import GleancamError


class WireError(GleancamError):
    """A topic or payload does not follow the contract."""
