"""The judges of all cameras, and everything they remember, count and may spend."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

import msgspec

from gleancam.config.keys import Camera
from gleancam.config.selection_keys import Novelty, Selection
from gleancam.selectors.budget_accounts import Budgets, net
from gleancam.selectors.judge import Judge
from gleancam.selectors.lotteries import Lotteries
from gleancam.selectors.memories import Memories
from gleancam.selectors.near import NearSelector, near_selector
from gleancam.selectors.quota import CameraQuotas
from gleancam.selectors.references import NOTHING, References
from gleancam.selectors.region_novelty import RegionJudge, RegionNovelty
from gleancam.selectors.shelf import Shelf
from gleancam.types import Note

AroundRegions: TypeAlias = Callable[["str", "RegionJudge | None"], "RegionJudge | None"]


class Judges:
    """One judge a camera, over one embedding space.

    Args:
        policy_id: written into every decision.
        notes: what an earlier process remembered.
        references: what frames are compared with that was made elsewhere, in the same space.
        around_regions: gives what judges a camera's regions, around what otherwise would.

    Attributes:
        memories: what is remembered of all cameras.
        regions: what is remembered of the small parts of their frames.
        budgets: what they may send; to be told what each sample cost.
        lotteries: their random arms.
    """

    def __init__(
        self,
        selection: Selection,
        cameras: Sequence[Camera],
        space_id: str,
        policy_id: str,
        notes: Iterable[Note] = (),
        references: References = NOTHING,
        around_regions: AroundRegions = lambda _camera_id, judge: judge,
    ) -> None:
        ids, stored = [camera.id for camera in cameras], tuple(notes)
        novelty = net(selection, cameras)
        self.memories = Memories(novelty, ids, space_id, stored, near=selection.near)
        self.regions = Memories(_of_regions(selection), ids, space_id, stored, root="regions")
        self.budgets = Budgets(selection, cameras, space_id, stored)
        self.lotteries = Lotteries(selection, cameras, self.budgets, stored)
        quotas = {camera_id: CameraQuotas(selection.quotas) for camera_id in ids}
        self._quotas = Shelf("quota/", quotas, stored)
        self._judges = {
            each: Judge(
                policy_id,
                self.memories.of(each),
                self.budgets.of(each),
                quotas[each],
                selection,
                around_regions(each, self._region_judge(selection, each)),
                self._near(selection, policy_id, references, each),
            )
            for each in ids
        }

    def of(self, camera_id: str) -> Judge:
        """One camera's judge."""
        return self._judges[camera_id]

    @property
    def reports(self) -> list[str]:
        """What a person should know of how the notes were taken over."""
        return [
            *(f"memory of {report}" for report in self.memories.reports),
            *(f"regions of {report}" for report in self.regions.reports),
            *(f"budget of {report}" for report in self.budgets.reports),
            *self.lotteries.shelf.reports,
            *self._quotas.reports,
        ]

    def drain(self) -> tuple[Note, ...]:
        """What is to be remembered and was not drained yet; to be stored in this order."""
        return (
            *self.memories.drain(),
            *self.regions.drain(),
            *self.budgets.drain(),
            *self.lotteries.shelf.drain(),
            *self._quotas.drain(),
        )

    def _near(
        self, selection: Selection, policy_id: str, references: References, camera_id: str
    ) -> NearSelector | None:
        own, tags = self.memories.of(camera_id)[0], self.memories.near(camera_id)
        return near_selector(policy_id, selection.near, references.tags, own, tags)

    def _region_judge(self, selection: Selection, camera_id: str) -> RegionJudge | None:
        (past,) = self.regions.of(camera_id)
        return RegionNovelty(past, selection.regions.worth) if selection.regions.enabled else None


def _of_regions(selection: Selection) -> Novelty:
    """How regions are remembered: each camera's own, otherwise as whole frames are."""
    return msgspec.structs.replace(
        selection.novelty,
        threshold=selection.regions.threshold,
        capacity=selection.regions.capacity,
        scope="camera",
    )
