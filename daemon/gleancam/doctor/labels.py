"""Whether the names that `[labels]` gives are names that its models and prototypes have."""

from __future__ import annotations

from collections.abc import Iterator

from gleancam.config.keys import Config
from gleancam.config.label_files import label_file_problems
from gleancam.doctor.finding import Finding, fail, ok

PART = "labels"


def examine(config: Config) -> Iterator[Finding]:
    """Look every name up; nothing is said where none is configured."""
    labels = config.labels
    if not labels.ontology and all(member.only is None for member in labels.members.values()):
        return
    problems = list(label_file_problems(config))
    for problem in problems:
        yield fail(PART, f"{problem.path} = {problem.value}: {problem.what}", problem.hint)
    if not problems:
        yield ok(PART, "all names are known")
