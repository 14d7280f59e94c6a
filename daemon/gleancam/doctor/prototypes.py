"""Whether the files of prototypes that the configuration names fit its embedder."""

from __future__ import annotations

from collections.abc import Iterator

from gleancam.config.keys import Config
from gleancam.config.prototype_files import named_prototypes, prototype_problems
from gleancam.doctor.finding import Finding, fail, ok

PART = "prototypes"


def examine(config: Config) -> Iterator[Finding]:
    """Read every file of prototypes; nothing is said where none is configured."""
    if not list(named_prototypes(config)):
        return
    problems = list(prototype_problems(config))
    for problem in problems:
        what, _, cure = str(problem).partition("; ")
        yield fail(PART, what, cure or "see 'gleancam models prototypes --help'")
    if not problems:
        yield ok(PART, f"all fit {config.models.embedder}")
