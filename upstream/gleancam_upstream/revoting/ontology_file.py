"""An ontology from a file: the tables `[labels.ontology.<class>]`, as a device is configured."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from gleancam.wire.fields import Share
from gleancam_upstream.errors import RevoteError
from gleancam_upstream.revoting.asked_ontology import AskedClass


class _Class(msgspec.Struct, frozen=True):
    sources: Annotated[tuple[Annotated[str, Meta(pattern="^[^:]+:.")], ...], Meta(min_length=1)]
    confidence: Share | None = None


class _Labels(msgspec.Struct, frozen=True):
    ontology: Annotated[dict[str, _Class], Meta(min_length=1)]


class _File(msgspec.Struct, frozen=True):
    labels: _Labels


def read_ontology(path: Path) -> tuple[AskedClass, ...]:
    """Return the canonical classes of a file, in its order; a device's configuration will do.

    Raises:
        RevoteError: it cannot be read, or a table is not as it should be.
    """
    try:
        content = msgspec.toml.decode(path.read_bytes(), type=_File)
    except OSError as error:
        raise RevoteError(f"{path} cannot be read: {error.strerror}") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RevoteError(
            f"{path}: {error}",
            cure='write tables [labels.ontology.vehicle] with sources = ["model:name", …] '
            "and, if you like, confidence",
        ) from error
    return tuple(
        AskedClass(name, one.sources, one.confidence)
        for name, one in content.labels.ontology.items()
    )
