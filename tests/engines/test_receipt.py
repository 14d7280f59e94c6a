"""Receipts: kept, read back, and refused for every reason there is."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from gleancam_engines.base import Provenance
from gleancam_engines.cpu import arithmetic
from gleancam_engines.errors import ReceiptError, VerificationError
from gleancam_engines.precision import PRECISIONS, Precision
from gleancam_engines.receipt import (
    VERIFIER,
    Receipt,
    Result,
    cpu_of,
    discard_receipt,
    needs_receipt,
    receipt_path,
    require_receipt,
    write_receipt,
)

RUNS = Provenance("clip@0123456789ab", "openvino", "2026.4.1", "cpu", "int8", "5" * 64)
RECEIPT = Receipt(
    subject=RUNS,
    reference=replace(RUNS, backend="onnxruntime", precision="fp32"),
    batches=(1, 8),
    pictures=32,
    pictures_sha256="6" * 64,
    result=Result("cosine", value=0.9912, mean=0.9964, bar=0.99),
    checked_at="2026-01-01T00:00:00+00:00",
    verifier=VERIFIER,
    cpu=arithmetic(),
)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    directory = tmp_path / "clip"
    directory.mkdir()
    return directory


def test_a_receipt_is_kept_and_found(model: Path) -> None:
    path = write_receipt(model, RECEIPT)
    assert path == model / "receipts" / "openvino-int8.json"
    assert require_receipt(model, RUNS) == RECEIPT


def test_a_receipt_is_for_people_too(model: Path) -> None:
    text = write_receipt(model, RECEIPT).read_text(encoding="utf-8")
    assert '"backend": "openvino"' in text.splitlines()[3]


def test_a_new_one_takes_the_place_of_the_old(model: Path) -> None:
    write_receipt(model, RECEIPT)
    later = msgspec.structs.replace(RECEIPT, pictures=64)
    write_receipt(model, later)
    assert require_receipt(model, RUNS) == later
    assert [path.name for path in (model / "receipts").iterdir()] == ["openvino-int8.json"]


def test_each_backend_and_precision_has_its_own(model: Path) -> None:
    write_receipt(model, RECEIPT)
    with pytest.raises(ReceiptError, match="was not verified"):
        require_receipt(model, replace(RUNS, backend="onnxruntime"))


def test_a_missing_one_is_an_error_with_the_command_that_makes_it(model: Path) -> None:
    with pytest.raises(ReceiptError) as caught:
        require_receipt(model, RUNS)
    assert "openvino/cpu/int8 was not verified" in str(caught.value)
    cure = "run 'gleancam models verify clip --backend openvino --precision int8'"
    assert str(caught.value).endswith(cure)


@pytest.mark.parametrize(
    ("part", "other"),
    [
        ("model_id", "clip@ba9876543210"),
        ("library", "2025.4.0"),
        ("content_sha256", "7" * 64),
    ],
)
def test_the_part_that_differs_is_named(model: Path, part: str, other: str) -> None:
    write_receipt(model, RECEIPT)
    changed = replace(RUNS, **{part: other})  # type: ignore[arg-type]
    with pytest.raises(ReceiptError) as caught:
        require_receipt(model, changed)
    assert f"{part} is {other}, not {getattr(RUNS, part)}" in str(caught.value)
    assert not isinstance(caught.value, VerificationError)


def test_a_receipt_copied_to_another_backends_place_is_refused(model: Path) -> None:
    path = write_receipt(model, RECEIPT)
    path.rename(path.with_name("onnxruntime-int8.json"))
    with pytest.raises(ReceiptError, match="backend is onnxruntime, not openvino"):
        require_receipt(model, replace(RUNS, backend="onnxruntime"))


def test_another_kind_of_cpu_needs_another_receipt(model: Path) -> None:
    write_receipt(model, msgspec.structs.replace(RECEIPT, cpu="x86_64 avx2 avx512_vnni amx_int8"))
    with pytest.raises(ReceiptError, match="is of a CPU that has 'x86_64 avx2 avx512_vnni"):
        require_receipt(model, RUNS)


def test_an_older_version_of_the_check_does_not_count(model: Path) -> None:
    write_receipt(model, msgspec.structs.replace(RECEIPT, verifier=VERIFIER - 1))
    with pytest.raises(ReceiptError, match=f"of version {VERIFIER - 1} of the check"):
        require_receipt(model, RUNS)


def test_a_failed_check_is_kept_and_refused(model: Path) -> None:
    failed = Result("cosine", value=0.9843, mean=0.9937, bar=0.99)
    write_receipt(model, msgspec.structs.replace(RECEIPT, result=failed))
    with pytest.raises(VerificationError, match=r"failed its check, cosine 0\.9843"):
        require_receipt(model, RUNS)


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"[]", b'{"subject"', b"\xff\xfe", msgspec.json.encode(RECEIPT)[:-9]]
)
def test_a_damaged_one_is_named(model: Path, content: bytes) -> None:
    path = write_receipt(model, RECEIPT)
    path.write_bytes(content)
    with pytest.raises(ReceiptError, match=r"openvino-int8\.json cannot be read as a receipt"):
        require_receipt(model, RUNS)


def test_a_discarded_one_is_gone(model: Path) -> None:
    write_receipt(model, RECEIPT)
    discard_receipt(model, RUNS)
    discard_receipt(model, RUNS)
    with pytest.raises(ReceiptError, match="was not verified"):
        require_receipt(model, RUNS)


def test_a_receipt_that_cannot_be_written_leaves_the_old_one(model: Path) -> None:
    write_receipt(model, RECEIPT)
    blocked = replace(RUNS, precision="bf16")
    receipt_path(model, blocked).mkdir()  # the rename fails, for root too
    with pytest.raises(ReceiptError, match="cannot be written"):
        write_receipt(model, msgspec.structs.replace(RECEIPT, subject=blocked))
    assert require_receipt(model, RUNS) == RECEIPT
    assert {path.name for path in (model / "receipts").iterdir()} == {
        "openvino-int8.json",
        "openvino-bf16.json",
    }


def test_a_plan_that_is_gone_has_no_place_for_a_receipt(model: Path) -> None:
    gone = replace(RUNS, backend="tensorrt", device="orin-sm87", precision="fp16")
    with pytest.raises(ReceiptError, match="run 'gleancam models compile clip --precision fp16'"):
        receipt_path(model, gone)


@pytest.mark.parametrize("precision", PRECISIONS)
def test_who_needs_one(precision: Precision) -> None:
    assert needs_receipt(replace(RUNS, backend="tensorrt", precision=precision))
    for backend in ("onnxruntime", "openvino"):
        needed = needs_receipt(replace(RUNS, backend=backend, precision=precision))
        assert needed is (precision != "fp32")


def test_a_gpu_does_not_ask_for_the_cpu() -> None:
    assert cpu_of(replace(RUNS, backend="tensorrt", device="orin-sm87")) == ""
    assert cpu_of(RUNS) == arithmetic()


def test_what_a_cpu_computes_with_is_read_from_its_first_core(tmp_path: Path) -> None:
    path = tmp_path / "cpuinfo"
    machine = os.uname().machine
    path.write_text(
        "processor : 0\nflags : fpu avx2 avx_vnni\nprocessor : 1\nflags : fpu amx_int8\n"
    )
    assert arithmetic(path) == f"{machine} avx2 avx_vnni"
    path.write_text("processor : 0\nFeatures : fp asimd asimddp i8mm\n")
    assert arithmetic(path) == f"{machine} asimddp i8mm"
    assert arithmetic(tmp_path / "nowhere") == machine
