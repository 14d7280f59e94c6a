"""What a site set for compiling a model, beside its plans; part of the key of all of them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec

from gleancam_engines.durable import write_durably
from gleancam_engines.errors import CompileError
from gleancam_engines.trt.record import PLANS

FILE_NAME = "settings.json"


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Choices that outlive one build, since the daemon looks for the plan that they give.

    Attributes:
        workspace_mib: limit on scratch memory; None: from the device's memory.
        version_compatible: plans that newer TensorRTs of the same major version load too. They are
            slower, and bring code that is run.
    """

    workspace_mib: Annotated[int, msgspec.Meta(ge=1, le=1 << 20)] | None = None
    version_compatible: bool = False


def read_settings(directory: Path) -> Settings:
    """Return the settings of a model directory; those that nobody set are the defaults.

    Raises:
        CompileError: the file is damaged.
    """
    path = directory / PLANS / FILE_NAME
    try:
        return msgspec.json.decode(path.read_bytes(), type=Settings)
    except FileNotFoundError:
        return Settings()
    except (OSError, msgspec.DecodeError) as error:
        raise CompileError(f"{path} cannot be read ({error}); delete it") from error


def write_settings(directory: Path, settings: Settings) -> None:
    """Keep the settings of a model directory.

    Raises:
        CompileError: they cannot be written.
    """
    path = directory / PLANS / FILE_NAME
    try:
        path.parent.mkdir(exist_ok=True)
        write_durably(path, msgspec.json.encode(settings))
    except OSError as error:
        raise CompileError(f"{path} cannot be written ({error.strerror}); make room") from error
