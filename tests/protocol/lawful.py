"""Whether a world obeys every law in every state that it can reach."""

from __future__ import annotations

from protocol.bounds import Bounds
from protocol.delivery_model import DeliveryModel
from protocol.explorer import Exploration, Model, Violation, explore
from protocol.world import World


def lawful(bounds: Bounds, more_than: int = 100) -> Exploration[World]:
    """Explore a world; it has to obey, and to be large enough to show anything.

    Raises:
        AssertionError: with the shortest way to the law that is broken.
    """
    found = explore(DeliveryModel(bounds))
    assert found.violation is None, f"\n{found.violation}"
    assert found.states > more_than
    return found


def violation(world: Bounds | Model[World]) -> Violation:
    """Return how a world breaks a law.

    Raises:
        AssertionError: it obeys.
    """
    model = DeliveryModel(world) if isinstance(world, Bounds) else world
    found = explore(model).violation
    assert found is not None, "the defect was not found"
    return found
