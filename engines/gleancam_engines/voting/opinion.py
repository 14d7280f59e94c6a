"""What a strategy makes of the ballots: groups, each with a box, a score and votes."""

from __future__ import annotations

from dataclasses import dataclass

from gleancam_engines.voting.evidence import Float64Array
from gleancam_engines.voting.groups import Groups
from gleancam_engines.voting.pairs import IndexArray, Mask


@dataclass(frozen=True, slots=True, eq=False)
class Opinion:
    """G groups, of which some become labels.

    Attributes:
        groups: which boxes belong together.
        xyxy: `(G, 4)` float64 corners in whole steps.
        score: `(G,)` float64 in steps.
        votes: `(G,)`.
        enough: `(G,)` whether these are enough votes for a label.
    """

    groups: Groups
    xyxy: Float64Array
    score: Float64Array
    votes: IndexArray
    enough: Mask
