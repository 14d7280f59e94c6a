"""The lotteries of all cameras."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import msgspec

from gleancam.config.keys import Camera
from gleancam.config.selection_keys import Selection
from gleancam.selectors.budget_accounts import Budgets
from gleancam.selectors.budget_amount import parse_amount
from gleancam.selectors.lottery import EPOCH_NS, NOT_DRAWN, Draw, Lottery, Terms
from gleancam.selectors.shelf import Shelf
from gleancam.types import Frame, Note


@dataclass(frozen=True, slots=True)
class LotteryFacts:
    """One camera's lottery in numbers.

    Attributes:
        propensity: of the frames of this epoch, 0…1.
        sampled: frames of this epoch that reached the lottery.
    """

    camera_id: str
    epoch: int
    propensity: float
    sampled: int


class Lotteries:
    """A lottery for every camera, unless they are switched off.

    Args:
        budgets: set aside what the draws will cost; an epoch wants at most what they can pay.
        notes: what was stored; others' rows are passed over.

    Attributes:
        shelf: what of them is stored.
    """

    def __init__(
        self,
        selection: Selection,
        cameras: Sequence[Camera],
        budgets: Budgets,
        notes: Iterable[Note] = (),
    ) -> None:
        settings = selection.random
        self._budgets = budgets
        chosen = cameras if settings.enabled else ()
        amount = parse_amount(settings.rate)
        wanted = amount.limit * EPOCH_NS / amount.period_ns
        self._wanted_per_ns = amount.limit / amount.period_ns
        self._lotteries = {
            each.id: Lottery(each.id, Terms(seed=settings.seed, wanted=wanted, fps=each.fps))
            for each in chosen
        }
        self.shelf = Shelf("lottery/", self._lotteries, notes)

    def draw(self, frame: Frame) -> Draw:
        """Draw the next sampled frame of any camera."""
        lottery = self._lotteries.get(frame.camera_id)
        if lottery is None:
            return NOT_DRAWN
        most = self._budgets.most_draws_per_ns(frame.camera_id) * EPOCH_NS
        draw = lottery.draw(frame.captured_ns, frame.mono_ns, most)
        self._budgets.reserve(frame.camera_id, lottery.draws_per_ns)
        return draw

    def set_aside(self, camera_id: str) -> None:
        """Reserve what draws will cost that were made before and are only told again."""
        if camera_id in self._lotteries:
            most = self._budgets.most_draws_per_ns(camera_id)
            self._budgets.reserve(camera_id, min(self._wanted_per_ns, most))

    def facts(self) -> list[LotteryFacts]:
        """Every lottery in numbers."""
        return [
            LotteryFacts(camera_id, each.epoch, each.propensity, each.sampled)
            for camera_id, each in self._lotteries.items()
        ]


def seeded(selection: Selection, site: str, device: str) -> Selection:
    """Give each device a seed of its own, unless one is configured."""
    seed = selection.random.seed or f"{site}/{device}"
    return msgspec.structs.replace(
        selection, random=msgspec.structs.replace(selection.random, seed=seed)
    )
