"""What is the same for all frames of a segment: who decided, about what, how it was configured."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from gleancam.config.keys import Camera
from gleancam.config.selection_keys import Selection
from gleancam.errors import DecisionLogError


class LoggedCamera(msgspec.Struct, frozen=True, omit_defaults=True):
    """Of a camera's configuration what selection depends on; no address and no credential."""

    id: str
    fps: float
    budget: str | None = None


class Epoch(msgspec.Struct, frozen=True, kw_only=True):
    """One run of one process under one configuration. Stored as JSON.

    Attributes:
        run_id: differs between processes; monotonic times compare only within one.
        boot_id: of the kernel.
        began_ns: UTC of the process's start.
        embedder: the model's name in the configuration.
        dimension: D of the embeddings.
        policy_id: as in the decisions.
        remembered: centres that an earlier process had left; they are not in the log.
        selection: the configuration's table.
    """

    run_id: str
    boot_id: str
    began_ns: int
    site: str
    device: str
    embedder: str
    space_id: str
    dimension: int
    policy_id: str
    remembered: int
    cameras: tuple[LoggedCamera, ...]
    selection: msgspec.Raw
    version: str = ""

    def configured(self) -> Selection:
        """The selection that decided.

        Raises:
            DecisionLogError: it has keys or values that this gleancam does not know.
        """
        try:
            return msgspec.json.decode(self.selection, type=Selection)
        except msgspec.ValidationError as error:
            raise DecisionLogError(
                f"gleancam {self.version} logged a selection unknown here: {error}",
                cure="use that gleancam, or name a configuration with --policy",
            ) from error


def logged_cameras(cameras: Sequence[Camera]) -> tuple[LoggedCamera, ...]:
    """Of each camera what an epoch holds."""
    return tuple(LoggedCamera(camera.id, camera.fps, camera.budget) for camera in cameras)


def raw(selection: Selection) -> msgspec.Raw:
    """Give a selection as an epoch holds it, all defaults included: they may change."""
    return msgspec.Raw(msgspec.json.encode(selection, order="deterministic"))


def encode(epoch: Epoch) -> bytes:
    """Give an epoch as stored."""
    return msgspec.json.encode(epoch)


def decode(content: bytes) -> Epoch:
    """Read a stored epoch.

    Raises:
        DecisionLogError: it is none that this gleancam can read.
    """
    try:
        return msgspec.json.decode(content, type=Epoch)
    except msgspec.DecodeError as error:
        raise DecisionLogError(
            f"the decision log's header cannot be read: {error}",
            cure="use the gleancam that wrote it",
        ) from error
