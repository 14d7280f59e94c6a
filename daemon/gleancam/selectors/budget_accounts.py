"""The budgets of all cameras and of the site, and where they are stored."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import msgspec

from gleancam.config.keys import Camera
from gleancam.config.selection_keys import Novelty, Selection
from gleancam.selectors.budget import BudgetController
from gleancam.selectors.budget_amount import parse_amount
from gleancam.selectors.budget_ration import FINEST, Ration, RationFacts
from gleancam.selectors.budget_state import encode, restore
from gleancam.types import Note

_ROOT = "budget/"
_SITE = "site"
_DRAWN = 0.25
"""Of a budget, the most that lotteries may want."""
_STORE_EVERY_NS = 60 * 10**9
"""How much older than the truth a stored clock may be while nothing is spent."""


@dataclass(frozen=True, slots=True)
class BudgetFacts:
    """One budget in numbers.

    Attributes:
        account: `site`, or `camera/` and the camera's id.
        left: of the period, without the reserve until its last hour; bytes or samples.
    """

    account: str
    unit: str
    left: float


class Budgets:
    """A ration for every camera; the site's budget is shared by all.

    Args:
        notes: what was stored; others' rows are passed over.

    Attributes:
        reports: what a person should know of how the stored rows were taken over.
    """

    def __init__(
        self,
        selection: Selection,
        cameras: Sequence[Camera],
        space_id: str,
        notes: Iterable[Note] = (),
    ) -> None:
        self.reports: list[str] = []
        self._space_id = space_id
        self._accounts = _open(selection, cameras)
        self._stored: dict[str, tuple[float, int]] = {}
        self._draws_per_ns = {camera.id: 0.0 for camera in cameras}
        self._take_over(notes)
        self._rations = {
            camera.id: Ration(camera.id, selection, self._of(camera.id)) for camera in cameras
        }

    def of(self, camera_id: str) -> Ration:
        """One camera's ration."""
        return self._rations[camera_id]

    def settle(self, camera_id: str, sample_id: str, wire_bytes: int) -> None:
        """A sample or event of a camera turned out to be so large."""
        for budget in self._of(camera_id):
            budget.bucket.settle(sample_id, wire_bytes)

    def most_draws_per_ns(self, camera_id: str) -> float:
        """Samples that a camera's lottery may want in a nanosecond, so that every budget lasts."""
        return min(map(self._most_draws_per_ns, self._names(camera_id)), default=math.inf)

    def reserve(self, camera_id: str, draws_per_ns: float) -> None:
        """Set aside, in every budget of a camera, what its lottery will draw."""
        self._draws_per_ns[camera_id] = draws_per_ns
        for name in self._names(camera_id):
            bucket = self._accounts[name].bucket
            draws = sum(self._draws_per_ns[each] for each in self._sharers(name))
            wanted = draws * bucket.amount.period_ns * bucket.usual_cost
            bucket.reserve(min(wanted, _DRAWN * bucket.amount.limit))

    def drain(self) -> tuple[Note, ...]:
        """Budgets spent on since the last call, or last stored a minute ago."""
        return tuple(
            self._note(name, budget)
            for name, budget in self._accounts.items()
            if self._is_stale(name, budget)
        )

    def facts(self) -> list[BudgetFacts]:
        """Every budget in numbers."""
        return [
            BudgetFacts(name, each.bucket.amount.unit, each.bucket.left)
            for name, each in self._accounts.items()
        ]

    def rations(self) -> list[RationFacts]:
        """Every camera in numbers."""
        return [ration.facts for ration in self._rations.values()]

    def _of(self, camera_id: str) -> tuple[BudgetController, ...]:
        return tuple(self._accounts[name] for name in self._names(camera_id))

    def _names(self, camera_id: str) -> list[str]:
        return [name for name in (f"camera/{camera_id}", _SITE) if name in self._accounts]

    def _sharers(self, name: str) -> list[str]:
        """Cameras that draw on a budget."""
        return list(self._draws_per_ns) if name == _SITE else [name.removeprefix("camera/")]

    def _most_draws_per_ns(self, name: str) -> float:
        bucket = self._accounts[name].bucket
        samples = _DRAWN * bucket.amount.limit / bucket.usual_cost
        return samples / len(self._sharers(name)) / bucket.amount.period_ns

    def _is_stale(self, name: str, budget: BudgetController) -> bool:
        charged, elapsed_ns = self._stored.get(name, (-1.0, 0))
        age_ns = abs(budget.bucket.elapsed_ns - elapsed_ns)
        return charged != _charged(budget) or age_ns >= _STORE_EVERY_NS

    def _note(self, name: str, budget: BudgetController) -> Note:
        self._stored[name] = (_charged(budget), budget.bucket.elapsed_ns)
        return Note(f"{_ROOT}{name}", 0, encode(budget, self._space_id))

    def _take_over(self, notes: Iterable[Note]) -> None:
        for note in notes:
            name = note.name.removeprefix(_ROOT)
            if note.name.startswith(_ROOT) and name in self._accounts and note.content is not None:
                self._restore(name, note.content)

    def _restore(self, name: str, content: bytes) -> None:
        try:
            if not restore(self._accounts[name], content, self._space_id):
                self.reports.append(f"{name}: another kind of budget: it begins anew")
        except ValueError as error:
            self.reports.append(f"{name}: begins anew: {error}")


def _charged(budget: BudgetController) -> float:
    return budget.bucket.charged + budget.bucket.reserved_charged


def net(selection: Selection, cameras: Sequence[Camera]) -> Novelty:
    """How fine the memories must be: finer than `novelty.threshold` where that is not fixed."""
    follows = selection.mode == "budget" and (
        selection.budget is not None or any(camera.budget for camera in cameras)
    )
    if not follows and selection.mode != "ratio":
        return selection.novelty
    finest = FINEST * selection.novelty.threshold
    return msgspec.structs.replace(selection.novelty, threshold=finest)


def _open(selection: Selection, cameras: Sequence[Camera]) -> dict[str, BudgetController]:
    written = {f"camera/{camera.id}": camera.budget for camera in cameras}
    written[_SITE] = selection.budget
    start = selection.novelty.threshold
    return {
        name: BudgetController(parse_amount(text), start, FINEST * start)
        for name, text in written.items()
        if text is not None
    }
