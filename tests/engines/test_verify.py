"""The whole way: a model beside its reference, and the receipt without which it does not run."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from gleancam_engines.embedder import open_embedder
from gleancam_engines.errors import (
    BackendUnavailableError,
    ModelFileError,
    PictureError,
    ReceiptError,
    TensorError,
    VerificationError,
)
from gleancam_engines.loading import open_engine
from gleancam_engines.manifest import load
from gleancam_engines.opening import Opening
from gleancam_engines.openvino_ import _core
from gleancam_engines.photographs import read_photographs
from gleancam_engines.planes import Planes
from gleancam_engines.receipt import VERIFIER, cpu_of, require_receipt, write_receipt
from gleancam_engines.reduce import ensure_variant
from gleancam_engines.variants import read_variant, variant_path, write_variant
from gleancam_engines.verify import verify
from gleancam_engines.verifying.enough import digest
from gpu_rig import compile_here, on_gpu, simulated_gpu
from made_models import write_model
from made_network import network, ruined, varied
from made_planes import HD, noise

INT8 = Opening("onnxruntime", "int8", batches=(1, 8))
HAS_BF16 = "BF16" in _core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")


@pytest.fixture(scope="module")
def pictures() -> list[Planes]:
    return varied(32)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return write_model(tmp_path / "projection", network())


def distorted(factor: float) -> bytes:
    """Return the network with one weight of its head multiplied."""
    model = onnx.load_model_from_string(network())
    for tensor in model.graph.initializer:
        if tensor.name == "w4":
            changed = numpy_helper.to_array(tensor).copy()
            changed[0] *= factor
            tensor.CopyFrom(numpy_helper.from_array(changed, "w4"))
    content: bytes = model.SerializeToString()
    return content


def pretend_int8(directory: Path, content: bytes) -> None:
    write_variant(directory, load(directory), "int8", content, made_by="a test")


def test_a_receipt_says_what_was_compared(model: Path, pictures: list[Planes]) -> None:
    told: list[tuple[int, int | None]] = []
    opening = Opening("openvino", batches=(1, 8))
    receipt = verify(model, opening, pictures, lambda _, done, total: told.append((done, total)))
    assert receipt.result.passed
    assert receipt.subject == open_engine(model, opening).provenance
    assert receipt.reference == open_engine(model, Opening("onnxruntime")).provenance
    assert (receipt.pictures, receipt.pictures_sha256) == (32, digest(pictures))
    assert (receipt.batches, receipt.verifier) == ((1, 8), VERIFIER)
    assert receipt.cpu == cpu_of(receipt.subject)
    assert receipt.checked_at.endswith("+00:00")
    assert told == [(at, 68) for at in range(1, 69)]
    assert require_receipt(model, receipt.subject) == receipt


def test_int8_is_made_verified_on_other_pictures_and_then_runs(
    model: Path, pictures: list[Planes]
) -> None:
    receipt = verify(model, INT8, pictures)
    assert receipt.result.passed
    assert receipt.result.value < 1
    assert receipt.pictures_sha256 == digest(pictures[1::2])
    made = variant_path(model, load(model), "int8")
    assert digest(pictures[::2]) in made.with_name(f"{made.name}.json").read_text("utf-8")
    embedder = open_embedder(model, INT8)
    plain = open_embedder(model, Opening("onnxruntime"))
    cosine = (embedder.embed(pictures) * plain.embed(pictures)).sum(axis=1)
    assert 0.99 < cosine.min() < 1
    assert embedder.space_id == plain.space_id


def test_nothing_of_fewer_bits_runs_unverified(model: Path, pictures: list[Planes]) -> None:
    ensure_variant(model, load(model), "int8", pictures)
    with pytest.raises(ReceiptError, match="was not verified"):
        open_engine(model, INT8)
    open_engine(model, replace(INT8, unverified=True)).close()


def test_a_model_that_disagrees_has_a_receipt_that_refuses_it(
    model: Path, pictures: list[Planes]
) -> None:
    pretend_int8(model, distorted(3))
    receipt = verify(model, INT8, pictures)
    assert not receipt.result.passed
    with pytest.raises(VerificationError, match="failed its check"):
        open_engine(model, INT8)


def test_a_file_that_changed_after_its_check_does_not_run(
    model: Path, pictures: list[Planes]
) -> None:
    verify(model, INT8, pictures)
    pretend_int8(model, distorted(1.0001))
    with pytest.raises(ReceiptError, match="content_sha256 is"):
        open_engine(model, INT8)


def test_nan_is_an_error_and_takes_the_receipt_away(model: Path, pictures: list[Planes]) -> None:
    pretend_int8(model, distorted(float("nan")))
    engine = open_engine(model, replace(INT8, unverified=True))
    earlier = verify(model, Opening("onnxruntime"), pictures)
    write_receipt(model, msgspec.structs.replace(earlier, subject=engine.provenance))
    open_engine(model, INT8).close()
    with pytest.raises(TensorError, match="holds NaN"):
        verify(model, INT8, pictures)
    with pytest.raises(ReceiptError, match="was not verified"):
        open_engine(model, INT8)


def test_too_few_pictures_are_refused(model: Path, pictures: list[Planes]) -> None:
    with pytest.raises(PictureError, match="15 pictures are too few to verify a model on"):
        verify(model, Opening("onnxruntime"), pictures[:15])
    with pytest.raises(PictureError, match="no int8 file yet, and 31 pictures are too few"):
        verify(model, INT8, pictures[:31])


def test_pictures_that_are_alike_are_refused(model: Path) -> None:
    with pytest.raises(PictureError, match="look alike"):
        verify(model, Opening("onnxruntime"), [noise(32, 32, HD)] * 16)
    assert not (model / "receipts").exists()


def test_bf16_is_verified_where_the_cpu_has_it_and_else_refused(
    model: Path, pictures: list[Planes]
) -> None:
    if HAS_BF16:
        receipt = verify(model, Opening("openvino", "bf16"), pictures)
        assert (receipt.subject.precision, receipt.result.bar) == ("bf16", 0.999)
        return
    with pytest.raises(BackendUnavailableError, match="computes no bf16"):
        verify(model, Opening("openvino", "bf16"), pictures)


def test_a_compiled_model_runs_once_it_is_verified(
    monkeypatch: pytest.MonkeyPatch, model: Path, pictures: list[Planes]
) -> None:
    with simulated_gpu(monkeypatch):
        plan = compile_here(model, precision="fp32")
        with pytest.raises(ReceiptError, match="was not verified"):
            open_engine(model, replace(on_gpu(), unverified=False))
        receipt = verify(model, on_gpu(), pictures)
        assert receipt.result.passed
        assert (plan.path / "receipt.json").is_file()
        open_engine(model, replace(on_gpu(), unverified=False)).close()


def test_a_variant_is_made_once(model: Path, pictures: list[Planes]) -> None:
    manifest = load(model)
    made = ensure_variant(model, manifest, "int8", pictures)
    assert ensure_variant(model, manifest, "int8") == made
    assert read_variant(model, manifest, "int8") == made


def test_a_damaged_variant_is_made_again(model: Path, pictures: list[Planes]) -> None:
    manifest = load(model)
    made = ensure_variant(model, manifest, "int8", pictures)
    variant_path(model, manifest, "int8").write_bytes(made[:-1])
    assert ensure_variant(model, manifest, "int8", pictures) == made


def test_fp32_and_bf16_take_the_original(model: Path) -> None:
    assert ensure_variant(model, load(model), "fp32") == network()
    assert ensure_variant(model, load(model), "bf16") == network()


def test_fp16_is_made_of_the_original(model: Path) -> None:
    made = ensure_variant(model, load(model), "fp16")
    assert onnx.load_model_from_string(made).graph.input[0].type.tensor_type.elem_type == 10
    assert read_variant(model, load(model), "fp16") == made


def test_a_model_that_int8_ruins_leaves_no_file(tmp_path: Path, pictures: list[Planes]) -> None:
    directory = write_model(tmp_path / "projection", ruined())
    with pytest.raises(ModelFileError, match="run it in fp16 or fp32"):
        verify(directory, INT8, pictures)
    assert {path.name for path in directory.iterdir()} == {"manifest.toml", "model.onnx"}


@pytest.mark.slow
@pytest.mark.models
@pytest.mark.evaluation
@pytest.mark.timeout(900)
def test_trained_weights_agree_in_int8(
    models_directory: Path, evaluation_data: Path, tmp_path: Path
) -> None:
    """Every photograph that int8 was not calibrated with; 49 of 67 products were in int8."""
    name = "tiny-vit-5m"
    directory = tmp_path / name
    directory.mkdir()
    for path in (models_directory / name).glob("*.*"):
        (directory / path.name).symlink_to(path)
    photographs = read_photographs(evaluation_data / "images" / "coco_val2017_76")
    receipt = verify(directory, replace(INT8, batches=(1,), threads=2), photographs)
    assert receipt.pictures == 32
    assert receipt.result.value >= 0.99
    assert receipt.result.mean >= 0.994
    rounded, _, products = _calibration(directory).rpartition("; ")[2].split()[:3]
    assert int(rounded) >= int(products) / 2


def _calibration(directory: Path) -> str:
    (record,) = directory.glob("*.int8.onnx.json")
    text: str = json.loads(record.read_text("utf-8"))["calibration"]
    return text


@pytest.mark.slow
@pytest.mark.models
@pytest.mark.evaluation
@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", ["tiny-vit-5m", "yolox-nano"])
def test_openvino_agrees_on_photographs(
    name: str, models_directory: Path, evaluation_data: Path, tmp_path: Path
) -> None:
    directory = tmp_path / name
    directory.mkdir()
    for path in (models_directory / name).glob("*.*"):
        (directory / path.name).symlink_to(path)
    photographs = read_photographs(evaluation_data / "images" / "coco_val2017_76", 24)
    receipt = verify(directory, Opening("openvino", threads=2), photographs)
    assert receipt.result.passed
    assert np.isclose(receipt.result.value, 1, atol=1e-4)
