"""The exception tree of the engines: what was wrong, where, and the cure.

`EngineError` itself is never raised. A caller that wants to know whether trying again can help
looks at `transient`, which is set where the error arises.
"""

from __future__ import annotations

from typing import ClassVar


class EngineError(Exception):
    """Base of every error a model or its files can cause."""

    transient: ClassVar[bool] = False
    """Whether the same call may succeed later with nothing changed by a person."""


class ManifestError(EngineError):
    """A `manifest.toml` is missing, unreadable or contradicts itself."""


class ModelFileError(EngineError):
    """A model file is missing, has the wrong hash, or no runtime can read it."""


class FetchError(EngineError):
    """A source of a model file could not be reached or did not hold the file."""

    transient = True


class BackendUnavailableError(EngineError):
    """The library, driver or device that a backend needs is not there."""


class TensorError(EngineError):
    """An input or output tensor has the wrong name, shape, dtype or values."""


class ExportError(EngineError):
    """A model could not be exported, or what came out does not agree with the original."""


class PrototypeError(EngineError):
    """Prototypes or the prompts for them are missing, damaged, or of another embedding space."""


class SpaceError(EngineError):
    """Embeddings of two spaces met; their distance means nothing."""


class CompileError(EngineError):
    """A model could not be compiled for this device."""


class CompileMemoryError(CompileError):
    """The device had too little memory free to compile a model."""

    transient = True


class PlanError(EngineError):
    """A compiled plan is missing, damaged, or of another model, device or version."""


class PictureError(EngineError):
    """Pictures to calibrate with or to check on are missing, damaged, too few or too alike."""


class ReceiptError(EngineError):
    """A receipt is missing, damaged, or of another model or backend."""


class VerificationError(ReceiptError):
    """A receipt says that the model was run beside its reference and does not agree with it."""


class CalibrationError(EngineError):
    """A calibration of a committee is damaged, unreadable, or of another committee."""


class DeviceError(EngineError):
    """The GPU failed while a model was loaded or run."""


class DeviceMemoryError(DeviceError):
    """The GPU had too little memory free to load or run a model."""

    transient = True
