"""Files of a model in fewer bits than its fp32 original, each bound to it by a record of hashes.

`image.onnx` has `image.fp16.onnx` and `image.int8.onnx` beside it, and each of those a record with
`.json` after its name. A variant of other weights, or one that changed since, is refused.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import msgspec

from gleancam_engines.durable import write_durably
from gleancam_engines.errors import ModelFileError
from gleancam_engines.manifest import Manifest, file_path
from gleancam_engines.manifest_sources import Bytes, Sha256
from gleancam_engines.precision import Precision
from gleancam_engines.weights import read_checked

_INFIXES: Mapping[Precision, str] = {"fp16": ".fp16", "int8": ".int8"}
"""bf16 has no file: backends that compute in it take the fp32 one."""


class VariantRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a variant is and where it comes from.

    Attributes:
        source_sha256: of the fp32 file it was made of.
        sha256: of the variant.
        size_bytes: of the variant.
        made_by: what made it, with its version.
        calibration: the pictures that int8 was calibrated with, told in a line.
    """

    precision: Literal["fp16", "int8"]
    source_sha256: Sha256
    sha256: Sha256
    size_bytes: Bytes
    made_by: str
    calibration: str = ""


def variant_path(directory: Path, manifest: Manifest, precision: Precision) -> Path:
    """Return where the model's file in `precision` lies; for fp32 its original.

    Raises:
        ModelFileError: no file is kept in this precision.
    """
    original = file_path(directory, manifest.weights.name)
    if precision == "fp32":
        return original
    if precision not in _INFIXES:
        raise ModelFileError(
            f"{manifest.name} has no file in {precision}: a backend that computes in it takes the "
            "fp32 file; ask for fp32, fp16 or int8"
        )
    return original.with_name(f"{original.stem}{_INFIXES[precision]}{original.suffix}")


def record_path(variant: Path) -> Path:
    """Return where the record of a variant lies."""
    return variant.with_name(f"{variant.name}.json")


def read_variant(directory: Path, manifest: Manifest, precision: Precision) -> bytes:
    """Return the bytes of the model in `precision`: what is hashed is what is run.

    Raises:
        ModelFileError: the file or its record is missing, unreadable, damaged, or made of other
            weights than the manifest's.
    """
    path = variant_path(directory, manifest, precision)
    if precision == "fp32":
        return read_checked(directory, manifest)
    again = f"run 'gleancam models compile {manifest.name} --precision {precision}'"
    record = read_record(path, again)
    if record.source_sha256 != manifest.weights.sha256:
        raise ModelFileError(f"{path} was made of other weights than {manifest.model_id}; {again}")
    content = _read(path, again)
    if hashlib.sha256(content).hexdigest() != record.sha256:
        raise ModelFileError(f"{path} is damaged: its hash is not that of its record; {again}")
    return content


def read_record(variant: Path, again: str) -> VariantRecord:
    """Return the record of a variant; `again` is the cure that errors name.

    Raises:
        ModelFileError: it is missing or says something wrong.
    """
    path = record_path(variant)
    try:
        return msgspec.json.decode(_read(path, again), type=VariantRecord)
    except msgspec.DecodeError as error:
        raise ModelFileError(f"{path} is no record of a variant ({error}); {again}") from error


def write_variant(
    directory: Path,
    manifest: Manifest,
    precision: Precision,
    content: bytes,
    *,
    made_by: str,
    calibration: str = "",
) -> Path:
    """Keep `content` as the model's file in `precision` and return its path.

    Raises:
        ModelFileError: fp32 and bf16 have no variant, or the directory cannot be written.
    """
    path = variant_path(directory, manifest, precision)
    if precision not in ("fp16", "int8"):
        raise ModelFileError(
            f"{path} is the original of {manifest.name}: it has no {precision} variant"
        )
    record = VariantRecord(
        precision=precision,
        source_sha256=manifest.weights.sha256,
        sha256=hashlib.sha256(content).hexdigest(),
        size_bytes=len(content),
        made_by=made_by,
        calibration=calibration,
    )
    write_recorded(path, content, record)
    return path


def write_recorded(path: Path, content: bytes, record: VariantRecord) -> None:
    """Write a variant and then its record, so that a record never vouches for what is not there.

    Raises:
        ModelFileError: the directory cannot be written.
    """
    try:
        write_durably(path, content)
        write_durably(record_path(path), msgspec.json.format(msgspec.json.encode(record)))
    except OSError as error:
        raise ModelFileError(
            f"{path} cannot be written ({error.strerror}); free space there or choose another "
            "directory"
        ) from error


def _read(path: Path, again: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ModelFileError(f"{path} cannot be read ({error.strerror}); {again}") from error
