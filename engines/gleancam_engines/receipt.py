"""Receipts: that a model was run beside its reference, on what, and with what result.

The receipt of a plan lies in the plan's folder and goes with it; those of other backends lie in
`receipts/` of the model's directory.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from gleancam_engines.base import Provenance
from gleancam_engines.cpu import arithmetic
from gleancam_engines.durable import write_durably
from gleancam_engines.errors import ReceiptError, VerificationError
from gleancam_engines.trt.plans import stored
from gleancam_engines.trt.record import PLANS

VERIFIER = 1
"""Version of the verifying code; raised when bars or measures change, and old receipts lapse."""

Count = Annotated[int, msgspec.Meta(ge=1)]


class Result(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How far a model agrees with its reference.

    Attributes:
        measure: `cosine` of embeddings, or `boxes`: the share that both found, alike.
        value: what is held against the bar: the least cosine of any picture; the share of boxes.
        mean: over pictures.
        bar: what `value` must reach.
    """

    measure: Literal["cosine", "boxes"]
    value: float
    mean: float
    bar: float

    @property
    def passed(self) -> bool:
        """Whether the bar is reached."""
        return self.value >= self.bar


class Receipt(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One verification.

    Attributes:
        subject: what was verified.
        reference: what it was held against: ONNX Runtime in fp32.
        batches: the sizes of batches it was run at; the worst counts.
        pictures: how many.
        pictures_sha256: of all their planes, in order.
        checked_at: RFC 3339, UTC.
        verifier: `VERIFIER` of the code that did it.
        cpu: what the CPU computes with (`cpu.arithmetic`), where the subject runs on one.
    """

    subject: Provenance
    reference: Provenance
    batches: tuple[Count, ...]
    pictures: Count
    pictures_sha256: str
    result: Result
    checked_at: str
    verifier: int
    cpu: str = ""


def needs_receipt(provenance: Provenance) -> bool:
    """Return whether a daemon may run this only with a receipt: compiled, or fewer bits."""
    return provenance.backend == "tensorrt" or provenance.precision != "fp32"


def cpu_of(provenance: Provenance) -> str:
    """Return what a receipt of this says of the CPU; empty for what runs on a GPU."""
    return arithmetic() if provenance.device == "cpu" else ""


def receipt_path(directory: Path, provenance: Provenance) -> Path:
    """Return where the receipt lies, whether there is one or not.

    Raises:
        ReceiptError: the plan is no longer stored.
    """
    if provenance.backend != "tensorrt":
        return directory / "receipts" / f"{provenance.backend}-{provenance.precision}.json"
    for record in stored(directory):
        if record.sha256 == provenance.content_sha256:
            return directory / PLANS / record.key.digest / "receipt.json"
    raise ReceiptError(
        f"{directory}: the plan that runs as {provenance} is no longer stored; run "
        f"'gleancam models compile {directory.name} --precision {provenance.precision}'"
    )


def write_receipt(directory: Path, receipt: Receipt) -> Path:
    """Keep a receipt, failed ones too, in place of an earlier one; return its path.

    Raises:
        ReceiptError: it cannot be written, or the plan is no longer stored.
    """
    path = receipt_path(directory, receipt.subject)
    try:
        path.parent.mkdir(exist_ok=True)
        write_durably(path, msgspec.json.format(msgspec.json.encode(receipt)))
    except OSError as error:
        raise ReceiptError(
            f"{path} cannot be written ({error.strerror}); free space there, or make the directory "
            "writable"
        ) from error
    return path


def discard_receipt(directory: Path, provenance: Provenance) -> None:
    """Delete a receipt, if there is one.

    Raises:
        ReceiptError: it cannot be deleted, or the plan is no longer stored.
    """
    path = receipt_path(directory, provenance)
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise ReceiptError(
            f"{path} does not hold any more and cannot be deleted ({error.strerror}); delete it"
        ) from error


def require_receipt(directory: Path, provenance: Provenance) -> Receipt:
    """Return the receipt that vouches for `provenance`.

    Raises:
        ReceiptError: there is none, or it is damaged, vouches for something else, or was given by
            an older version.
        VerificationError: it says that the model failed.
    """
    path = receipt_path(directory, provenance)
    receipt = _read(path, directory, provenance)
    for fault in _faults(receipt, provenance):
        raise ReceiptError(
            f"{directory.name}: {provenance} may not run: {fault} ({path}); "
            f"{_cure(directory, provenance)}"
        )
    if not receipt.result.passed:
        result = receipt.result
        raise VerificationError(
            f"{directory.name}: {provenance} may not run: it failed its check, "
            f"{result.measure} {result.value:.4f}, and {result.bar} is needed ({path}); "
            f"set another precision, or {_cure(directory, provenance)}"
        )
    return receipt


def _faults(receipt: Receipt, provenance: Provenance) -> Iterator[str]:
    changed = [
        f"{one.name} is {getattr(provenance, one.name)}, not {getattr(receipt.subject, one.name)}"
        for one in fields(Provenance)
        if getattr(provenance, one.name) != getattr(receipt.subject, one.name)
    ]
    if changed:
        yield f"its receipt is for another: {'; '.join(changed)}"
    if (here := cpu_of(provenance)) != receipt.cpu:
        yield f"its receipt is of a CPU that has {receipt.cpu!r}, and this one has {here!r}"
    if receipt.verifier != VERIFIER:
        yield f"its receipt is of version {receipt.verifier} of the check, and {VERIFIER} is needed"


def _read(path: Path, directory: Path, provenance: Provenance) -> Receipt:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Receipt)
    except FileNotFoundError:
        raise ReceiptError(
            f"{directory.name}: {provenance} was not verified, there is no {path}; "
            f"{_cure(directory, provenance)}"
        ) from None
    except (OSError, msgspec.DecodeError) as error:
        raise ReceiptError(
            f"{path} cannot be read as a receipt ({error}); {_cure(directory, provenance)}"
        ) from error


def _cure(directory: Path, provenance: Provenance) -> str:
    return (
        f"run 'gleancam models verify {directory.name} --backend {provenance.backend} "
        f"--precision {provenance.precision}'"
    )
