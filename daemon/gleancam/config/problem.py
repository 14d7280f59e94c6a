"""One thing that is wrong with a configuration, and how a list of them reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gleancam.credentials import HIDDEN, hide_credentials, names_secret
from gleancam.errors import ConfigurationError, FolderError

SHOWN_CHARACTERS = 80


@dataclass(frozen=True, slots=True)
class Problem:
    """A finding.

    Attributes:
        path: of the key, e.g. `cameras[0].fps`.
        value: as shown to a person: short, and with credentials hidden; empty when there is none.
        what: what is wrong with it.
        hint: the cure; empty when `what` says it all.
    """

    path: str
    value: str
    what: str
    hint: str = ""

    def __str__(self) -> str:
        shown = f" = {self.value}" if self.value else ""
        hint = f" ({self.hint})" if self.hint else ""
        return f"{self.path}{shown}: {self.what}{hint}"


def show(path: str, value: Any) -> str:
    """Render a value for a message; one that may hold a secret is hidden."""
    name = path.rpartition(".")[2]
    if names_secret(name):
        return HIDDEN
    if isinstance(value, dict):
        return "{…}"
    text = hide_credentials(repr(value))
    return text if len(text) <= SHOWN_CHARACTERS else text[:SHOWN_CHARACTERS] + "…"


class InvalidConfigurationError(ConfigurationError):
    """A configuration with problems; `problems` holds all of them."""

    def __init__(self, where: str, problems: Sequence[Problem]) -> None:
        super().__init__(_listed(where, problems))
        self.problems = tuple(problems)


class UnwritableError(FolderError):
    """Folders that a configuration names cannot be written now; `problems` holds all of them."""

    def __init__(self, where: str, problems: Sequence[Problem]) -> None:
        super().__init__(_listed(where, problems), transient=True)
        self.problems = tuple(problems)


def _listed(where: str, problems: Sequence[Problem]) -> str:
    noun = "problem" if len(problems) == 1 else "problems"
    lines = "".join(f"\n  {problem}" for problem in problems)
    return f"{where}: {len(problems)} {noun}{lines}"
