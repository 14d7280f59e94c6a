"""The protocol as a model for the explorer: the parties' steps put together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from protocol import asking, broker_steps, consumer_steps, daemon_steps, laws
from protocol.bounds import Bounds
from protocol.explorer import Step
from protocol.turns import in_turn
from protocol.world import World

PARTIES = (consumer_steps, broker_steps, daemon_steps, asking)


@dataclass(frozen=True)
class DeliveryModel:
    bounds: Bounds

    def initial(self) -> World:
        return self.bounds.start()

    def steps(self, world: World) -> Iterator[Step[World]]:
        """Yield what may happen; the calm world begins with who is nearest to the end."""
        for step in self._steps(world):
            yield step._replace(state=in_turn(step.state))

    def _steps(self, world: World) -> Iterator[Step[World]]:
        """Patience ends by itself only when nothing else would happen."""
        bounds = self.bounds
        quiet = True
        for party in PARTIES:
            for step in party.calm(world, bounds):
                quiet = quiet and not step.calm
                yield step
        yield from daemon_steps.impatience(world, bounds, calm=quiet)
        for party in PARTIES:
            yield from party.faults(world, bounds)

    def wrong(self, world: World) -> str:
        return laws.wrong(world, self.bounds)

    def turning(self, world: World) -> str:
        return laws.turning(world, self.bounds)

    def unsettled(self, world: World) -> str:
        return laws.unsettled(world, self.bounds)
