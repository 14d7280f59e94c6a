"""Whether a configuration from afar is laid over the file."""

from __future__ import annotations

from collections.abc import Iterator

from gleancam.config.keys import Config
from gleancam.doctor.finding import Finding, fail, ok
from gleancam.errors import ConfigurationError
from gleancam.twin.shown import shown


def examine(config: Config) -> Iterator[Finding]:
    """Yield one finding when something was taken, or when that cannot be told."""
    try:
        if said := shown(config):
            yield ok("remote", said)
    except ConfigurationError as error:
        yield fail("remote", str(error), error.cure)
