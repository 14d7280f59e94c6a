"""The file that says which classes there are, and how they are put into words."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeAlias

import msgspec

from gleancam_engines.errors import PrototypeError

PLACE = "{}"
Phrase: TypeAlias = Annotated[str, msgspec.Meta(min_length=1, max_length=300)]
Name: TypeAlias = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


class Prompts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Classes and templates.

    Attributes:
        classes: by name, the phrases for it; each is put into every template.
        templates: sentences with one `{}` for the phrase.
    """

    classes: Annotated[
        dict[Name, Annotated[list[Phrase], msgspec.Meta(min_length=1, max_length=100)]],
        msgspec.Meta(min_length=1, max_length=1000),
    ]
    templates: Annotated[tuple[Phrase, ...], msgspec.Meta(min_length=1, max_length=200)] = (
        "a photo of {}.",
    )

    def __post_init__(self) -> None:
        for template in self.templates:
            if template.count(PLACE) != 1:
                raise ValueError(f"template {template!r} must hold {PLACE} once")

    def texts(self, name: str) -> list[str]:
        """Return every phrase of a class in every template."""
        return [
            template.replace(PLACE, phrase)
            for phrase in self.classes[name]
            for template in self.templates
        ]


def read_prompts(path: Path) -> Prompts:
    """Read a TOML file of prompts.

    Raises:
        PrototypeError: it is missing, no TOML, or a value is missing, unknown or out of range.
    """
    try:
        return msgspec.toml.decode(path.read_bytes(), type=Prompts)
    except OSError as error:
        raise PrototypeError(f"{path} cannot be read ({error.strerror}); check the path") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise PrototypeError(f"{path}: {error}; compare it with engines/README.md") from error
