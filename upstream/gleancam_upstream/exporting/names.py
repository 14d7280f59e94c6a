"""Class names: which may leave in an export, and their order."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from gleancam.wire.ensemble import committee_of
from gleancam.wire.ensemble_data import EnsembleData
from gleancam.wire.error import WireError
from gleancam_upstream.errors import ExportError

_CATEGORIES = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Control characters, surrogates, separators of lines and paragraphs: formats of lines break."""
_NO_CHARACTERS = frozenset({"\ufffe", "\uffff"})
"""Not allowed in XML 1.0 (section 2.2), besides."""


def checked_name(name: str) -> str:
    """Return the name.

    Raises:
        ExportError: it is empty, or holds what no format can write.
    """
    wrong = any(unicodedata.category(one) in _CATEGORIES or one in _NO_CHARACTERS for one in name)
    if wrong or not name.strip():
        raise ExportError(f"class name {name!r} is empty or holds control characters")
    return name


def ordered_classes(configured: Iterable[tuple[str, ...]], seen: Iterable[str]) -> tuple[str, ...]:
    """Return configured classes in the order they come in, then what else was seen, sorted."""
    known = dict.fromkeys(name for names in configured for name in names)
    return (*known, *sorted(set(seen) - set(known)))


def configured_classes(ensemble: EnsembleData) -> tuple[str, ...]:
    """Return the canonical classes of a committee, in order; none where an old device names none.

    Raises:
        ExportError: a name cannot be written, or the manifest describes no committee.
    """
    if not ensemble.members:
        return ()
    try:
        classes = committee_of(ensemble).ontology.classes
    except WireError as error:
        raise ExportError(str(error)) from error
    return tuple(checked_name(one.name) for one in classes)
