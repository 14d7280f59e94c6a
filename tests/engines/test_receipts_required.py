"""Nothing that is compiled or of fewer bits is opened without a receipt that vouches for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gleancam_engines.base import Engine
from gleancam_engines.errors import ReceiptError, VerificationError
from gleancam_engines.loading import open_engine
from gleancam_engines.opening import Opening
from gleancam_engines.receipt import VERIFIER, Receipt, Result, write_receipt
from gpu_rig import compile_here, simulated_gpu
from made_models import projection, write_model

ON_GPU = Opening("tensorrt", "fp16", batches=(1,))
PASSED = Result("cosine", value=0.9999, mean=1.0, bar=0.999)
FAILED = Result("cosine", value=0.98, mean=1.0, bar=0.999)


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    directory = write_model(tmp_path / "projection", projection())
    with simulated_gpu(monkeypatch):
        compile_here(directory, precision="fp16")
        yield directory


def vouch(model: Path, result: Result, **changes: str) -> None:
    """Write a receipt beside the plan, for what runs or, with `changes`, for something else."""
    engine = open_engine(model, replace(ON_GPU, unverified=True))
    reference = open_engine(model, Opening("onnxruntime"))
    subject = replace(engine.provenance, **changes)  # type: ignore[arg-type]
    receipt = Receipt(
        subject=subject,
        reference=reference.provenance,
        batches=(1,),
        pictures=16,
        pictures_sha256="0" * 64,
        result=result,
        checked_at="2026-01-01T00:00:00+00:00",
        verifier=VERIFIER,
    )
    write_receipt(model, receipt)
    engine.close()


def opened(model: Path) -> Engine:
    engine = open_engine(model, ON_GPU)
    engine.close()
    return engine


def test_a_plan_with_a_receipt_is_opened(model: Path) -> None:
    vouch(model, PASSED)
    assert opened(model).provenance.precision == "fp16"


def test_a_plan_without_one_is_refused_with_the_command(model: Path) -> None:
    with pytest.raises(ReceiptError, match="run 'gleancam models verify projection --backend"):
        opened(model)


def test_a_plan_that_failed_its_check_is_refused(model: Path) -> None:
    vouch(model, FAILED)
    with pytest.raises(VerificationError, match=r"cosine 0\.9800, and 0\.999 is needed"):
        opened(model)


def test_a_receipt_of_another_tensorrt_does_not_count(model: Path) -> None:
    vouch(model, PASSED, library="10.2.0")
    with pytest.raises(ReceiptError, match=r"library is 10\.3.*, not 10\.2\.0"):
        opened(model)


def test_a_new_plan_wants_a_new_receipt(model: Path) -> None:
    vouch(model, PASSED)
    compile_here(model, precision="fp16")
    with pytest.raises(ReceiptError, match="was not verified"):
        opened(model)


def test_fp32_on_the_cpu_needs_none(model: Path) -> None:
    assert open_engine(model, Opening("onnxruntime")).backend == "onnxruntime/cpu/fp32"
