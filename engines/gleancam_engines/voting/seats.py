"""Who can name which class: what follows from a committee before any frame is seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gleancam_engines.voting.evidence import Float64Array
from gleancam_engines.voting.member import Member
from gleancam_engines.voting.ontology import Ontology
from gleancam_engines.voting.pairs import IndexArray, Mask

UNMAPPED = -1


@dataclass(frozen=True, slots=True, eq=False)
class Seats:
    """Members ordered by id, so that the order they are written in does not matter.

    Attributes:
        members: M of them.
        weight: `(M,)` float64.
        class_numbers: for each member the `(V,)` canonical class of each name of its vocabulary,
            or `UNMAPPED`.
        can_name: `(M, C)` whether a member can emit a class.
        alphabetical: `(C,)` place of each class among their names in order.
    """

    members: tuple[Member, ...]
    weight: Float64Array
    class_numbers: tuple[IndexArray, ...]
    can_name: Mask
    alphabetical: IndexArray

    def place(self) -> dict[str, int]:
        """Map member ids to places."""
        return {one.member_id: place for place, one in enumerate(self.members)}


def seated(members: Sequence[Member], ontology: Ontology) -> Seats:
    """Work out who can name what."""
    ordered = tuple(sorted(members, key=lambda one: one.member_id))
    numbers = ontology.numbers()
    tables = tuple(
        np.array([numbers.get((one.model, name), UNMAPPED) for name in one.vocabulary], np.intp)
        for one in ordered
    )
    can_name = np.zeros((len(ordered), len(ontology.classes)), bool)
    for row, table in zip(can_name, tables, strict=True):
        row[table[table != UNMAPPED]] = True
    names = sorted(range(len(ontology.classes)), key=lambda one: ontology.classes[one].name)
    return Seats(
        members=ordered,
        weight=np.array([one.weight for one in ordered], np.float64),
        class_numbers=tables,
        can_name=can_name,
        alphabetical=np.argsort(np.array(names, np.intp)),
    )
