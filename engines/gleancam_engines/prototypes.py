"""Classes as points of an embedding space: made of texts or pictures, compared with frames.

A file `prototypes.npz` holds plain arrays: `names (C,)` text, `prototypes (C, D)` float32 rows of
L2 norm 1, `logit_scale` and, for SigLIP, `logit_bias` float32, and `space_id`. Nothing in it is
ever unpickled.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from gleancam_engines.durable import write_durably
from gleancam_engines.errors import PrototypeError
from gleancam_engines.planes import Float32Array

LIMIT_BYTES = 256 << 20
"""Of the arrays, unpacked: a small file must not fill the memory of a device."""
_NORM_TOLERANCE = 1e-3


@dataclass(frozen=True, slots=True, eq=False)
class Prototypes:
    """Classes in one embedding space.

    Attributes:
        names: of the classes, all different.
        vectors: `(C, D)` float32, L2 norm 1 ± 1e-3, in the order of `names`.
        logit_scale: what a cosine is multiplied by before a softmax (CLIP, example pictures) or
            sigmoid (SigLIP).
        logit_bias: what is added then; None for models without one.
        space_id: of the model whose embeddings they may be compared with.

    Raises:
        PrototypeError: the parts do not fit together.
    """

    names: tuple[str, ...]
    vectors: Float32Array
    logit_scale: float
    logit_bias: float | None
    space_id: str

    def __post_init__(self) -> None:
        if wrong := self._fault():
            raise PrototypeError(f"prototypes: {wrong}; make them again")

    def _fault(self) -> str | None:
        shape, dtype = self.vectors.shape, self.vectors.dtype
        if self.vectors.ndim != 2 or dtype != np.float32 or shape[0] != len(self.names):
            return f"vectors must be ({len(self.names)}, D) float32, but are {shape} {dtype}"
        if not self.names or len(set(self.names)) != len(self.names) or "" in self.names:
            return "names must be some, and all different"
        off = np.abs(np.linalg.norm(self.vectors, axis=1) - 1)
        if not (off <= _NORM_TOLERANCE).all():
            return "vectors must have L2 norm 1"
        if not (np.isfinite(self.logit_scale) and self.logit_scale > 0):
            return f"logit_scale must be above 0, but is {self.logit_scale}"
        return None


def save(path: Path, prototypes: Prototypes) -> None:
    """Write a file of prototypes, whole or not at all.

    Raises:
        PrototypeError: the directory cannot be written.
    """
    bias = prototypes.logit_bias
    arrays: dict[str, npt.NDArray[Any]] = {
        "names": np.array(prototypes.names),
        "prototypes": prototypes.vectors,
        "logit_scale": np.float32(prototypes.logit_scale).reshape(()),
        "space_id": np.array(prototypes.space_id),
        **({} if bias is None else {"logit_bias": np.float32(bias).reshape(())}),
    }
    content = io.BytesIO()
    np.savez(content, allow_pickle=False, **arrays)
    try:
        write_durably(path, content.getvalue())
    except OSError as error:
        raise PrototypeError(
            f"{path} cannot be written ({error.strerror}); choose another place"
        ) from error


def load(path: Path, space_id: str) -> Prototypes:
    """Read a file of prototypes for a model whose embedding space is `space_id`.

    Raises:
        PrototypeError: it is missing, damaged, holds something else, or is of another space.
    """
    found = read(path)
    if found.space_id != space_id:
        raise PrototypeError(
            f"{path} is of embedding space {found.space_id}, and the model in use of {space_id}: "
            "their cosines mean nothing; make it again with that model by 'gleancam models "
            "prototypes'"
        )
    return found


def read(path: Path) -> Prototypes:
    """Read a file of prototypes, of whatever space.

    Raises:
        PrototypeError: it is missing, damaged, or holds something else.
    """
    try:
        content = path.read_bytes()
        _bound(content)
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            return _parse(arrays)
    except OSError as error:
        raise PrototypeError(
            f"{path} cannot be read ({error}); make it with 'gleancam models prototypes'"
        ) from error
    except (zipfile.BadZipFile, ValueError, KeyError, EOFError, PrototypeError) as error:
        raise PrototypeError(
            f"{path} is no file of prototypes ({error}); make it with 'gleancam models prototypes'"
        ) from error


def _bound(content: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        unpacked_bytes = sum(member.file_size for member in archive.infolist())
    if unpacked_bytes > LIMIT_BYTES:
        raise ValueError(f"{unpacked_bytes >> 20} MiB unpacked are too many")


def _parse(arrays: Mapping[str, npt.NDArray[Any]]) -> Prototypes:
    names = arrays["names"]
    if names.dtype.kind != "U" or names.ndim != 1:
        raise ValueError(f"names must be (C,) text, but are {names.shape} {names.dtype}")
    vectors = arrays["prototypes"]
    vectors.setflags(write=False)
    return Prototypes(
        names=tuple(str(name) for name in names),
        vectors=vectors,
        logit_scale=_number(arrays, "logit_scale"),
        logit_bias=_number(arrays, "logit_bias") if "logit_bias" in arrays else None,
        space_id=str(_single(arrays, "space_id", "U")),
    )


def _number(arrays: Mapping[str, npt.NDArray[Any]], name: str) -> float:
    return float(_single(arrays, name, "f"))


def _single(arrays: Mapping[str, npt.NDArray[Any]], name: str, kind: str) -> Any:
    array = arrays[name]
    if array.shape != () or array.dtype.kind != kind:
        raise ValueError(f"{name} must be a single value, but is {array.shape} {array.dtype}")
    return array[()]
