"""The boxes that are voted on, in an order that says nothing about where they came from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gleancam_engines.voting.evidence import Float64Array
from gleancam_engines.voting.pairs import IndexArray, Mask
from gleancam_engines.voting.steps import FRAME


@dataclass(frozen=True, slots=True, eq=False)
class Ballots:
    """Boxes of all members, of canonical classes, best first.

    Attributes:
        xyxy: `(N, 4)` float64 corners in whole steps of the frame, 0…10,000; none is empty.
        score: `(N,)` float64 in whole steps, 0…10,000.
        member: `(N,)` place of the member among the members ordered by id.
        class_number: `(N,)` index into the canonical classes.
    """

    xyxy: Float64Array
    score: Float64Array
    member: IndexArray
    class_number: IndexArray

    def __len__(self) -> int:
        return len(self.score)

    def at(self, rows: IndexArray | Mask) -> Ballots:
        """Return the ballots of these rows, in that order."""
        if rows.dtype == np.bool_ and rows.all():
            return self
        return Ballots(
            self.xyxy[rows], self.score[rows], self.member[rows], self.class_number[rows]
        )

    def in_order(self) -> Ballots:
        """Return them by falling score, then by member, class and corners.

        Two that are still equal are the same box, so their order does not matter.
        """
        return self.at(self.ranking())

    def ranking(self) -> IndexArray:
        """Return the rows in that order."""
        members, classes = (int(one.max(initial=0)) + 1 for one in (self.member, self.class_number))
        what = ((FRAME - self.score.astype(np.int64)) * members + self.member) * classes
        return np.lexsort((corner_code(self.xyxy), what + self.class_number))


def corner_code(xyxy: Float64Array) -> npt.NDArray[np.int64]:
    """Return `(N,)` numbers that order boxes by x1, y1, x2, y2."""
    x1, y1, x2, y2 = xyxy.T.astype(np.int64)
    side = FRAME + 1
    code: npt.NDArray[np.int64] = ((x1 * side + y1) * side + x2) * side + y2
    return code
