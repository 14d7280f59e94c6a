"""What is re-run: a selection and the cameras' budgets, under a name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from gleancam.config.keys import Camera, Config
from gleancam.config.selection_keys import Selection
from gleancam.decisions.epoch import Epoch, LoggedCamera, logged_cameras
from gleancam.errors import ConfigurationError

FIXED = ("gate", "scene", "regions", "uncertain")
"""Tables of `[selection]` whose effect is in a log already: they need pictures."""


@dataclass(frozen=True, slots=True)
class Policy:
    """How to select.

    Attributes:
        name: what tables and plots call it.
        policy_id: written into the decisions.
    """

    name: str
    selection: Selection
    cameras: tuple[LoggedCamera, ...]
    policy_id: str = "replay"

    def of(self, camera_ids: Sequence[str]) -> list[Camera]:
        """Cameras with their budgets; none for a camera that the policy does not name."""
        budgets = {camera.id: camera.budget for camera in self.cameras}
        return [Camera(id=name, budget=budgets.get(name)) for name in camera_ids]


def of_epoch(epoch: Epoch) -> Policy:
    """Give the policy that decided.

    Raises:
        DecisionLogError: it has keys that this gleancam does not know.
    """
    return Policy("logged", epoch.configured(), epoch.cameras, epoch.policy_id)


def of_config(config: Config, name: str) -> Policy:
    """Give a configuration's policy."""
    return Policy(name, config.selection, logged_cameras(config.cameras))


def require_embedder(config: Config, epoch: Epoch, name: str) -> None:
    """Refuse a configuration of another embedder: its distances mean something else.

    Raises:
        ConfigurationError: it has another one.
    """
    if config.models.embedder != epoch.embedder:
        raise ConfigurationError(
            f"{name} embeds with {config.models.embedder}, but the log holds embeddings of "
            f"{epoch.embedder}",
            cure=f"set models.embedder to {epoch.embedder}, or replay a --video",
        )


def not_rerun(policy: Policy, epoch: Epoch) -> list[str]:
    """Say by name in what the policy differs from the logged one and a log cannot show it."""
    mine, logged = _plain(policy.selection), _plain(epoch.configured())
    return [
        f"{table}: {_differences(mine[table], logged.get(table))}"
        for table in FIXED
        if table in mine and mine[table] != logged.get(table)
    ]


def _plain(selection: Selection) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(selection)
    return plain


def _differences(mine: Any, logged: Any) -> str:
    if not isinstance(mine, dict) or not isinstance(logged, dict):
        return f"{logged} in the log, {mine} here"
    return ", ".join(
        f"{key} {logged.get(key)} in the log, {value} here"
        for key, value in mine.items()
        if value != logged.get(key)
    )
