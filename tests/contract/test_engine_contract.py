"""What every engine does, the fake included."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pytest

from gleancam_engines.base import Engine, TensorSpec
from gleancam_engines.errors import TensorError
from gleancam_engines.fake import FakeEngine
from gleancam_engines.loading import open_engine
from gleancam_engines.opening import Opening
from gpu_rig import VERSIONS, compile_here, on_gpu, simulated_gpu
from made_models import DIM, SIDE, projection, write_model

SHAPE = (3, SIDE, SIDE)


def _fake(_folder: Path) -> Engine:
    image = TensorSpec("image", np.dtype(np.float32), (-1, *SHAPE))
    embedding = TensorSpec("embedding", np.dtype(np.float32), (-1, DIM))
    return FakeEngine("projection@000000000000", (image,), (embedding,))


def _onnxruntime(folder: Path) -> Engine:
    return open_engine(write_model(folder, projection()), Opening(backend="onnxruntime"))


def _openvino(folder: Path) -> Engine:
    return open_engine(write_model(folder, projection()), Opening(backend="openvino"))


def _tensorrt(folder: Path) -> Engine:
    directory = write_model(folder / "projection", projection())
    compile_here(directory, batches=(1, 5))
    return open_engine(directory, on_gpu(batches=(1, 5)))


@pytest.fixture(
    params=[
        pytest.param((_fake, None), id="fake"),
        pytest.param((_onnxruntime, None), id="onnxruntime"),
        pytest.param((_openvino, None), id="openvino"),
        *(pytest.param((_tensorrt, one), id=f"tensorrt-{one}") for one in VERSIONS),
    ]
)
def engine(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Engine]:
    make: Callable[[Path], Engine]
    make, version = request.param
    with simulated_gpu(monkeypatch, version) if version else nullcontext():
        opened = make(tmp_path)
        yield opened
        opened.close()


def images(count: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).random((count, *SHAPE), np.float32)


def test_names_itself(engine: Engine) -> None:
    name, digest = engine.model_id.split("@")
    assert name == "projection"
    assert len(digest) == 12
    assert engine.backend


def test_declares_its_tensors(engine: Engine) -> None:
    assert [(one.name, one.shape) for one in engine.inputs] == [("image", (-1, *SHAPE))]
    assert [(one.name, one.shape) for one in engine.outputs] == [("embedding", (-1, DIM))]


@pytest.mark.parametrize("count", [1, 5])
def test_gives_what_it_declares(engine: Engine, count: int) -> None:
    results = engine.infer({"image": images(count)})
    assert set(results) == {"embedding"}
    assert results["embedding"].shape == (count, DIM)
    assert results["embedding"].dtype == np.float32


def test_same_input_same_output(engine: Engine) -> None:
    first = engine.infer({"image": images(2)})["embedding"]
    again = engine.infer({"image": images(2)})["embedding"]
    other = engine.infer({"image": images(2, seed=1)})["embedding"]
    np.testing.assert_array_equal(first, again)
    assert not np.allclose(first, other)


def test_a_row_does_not_depend_on_the_rest_of_its_batch(engine: Engine) -> None:
    batch = images(4)
    together = engine.infer({"image": batch})["embedding"]
    alone = [engine.infer({"image": batch[at : at + 1]})["embedding"][0] for at in range(4)]
    np.testing.assert_allclose(together, alone, rtol=1e-4, atol=1e-4)


def test_leaves_its_input_alone(engine: Engine) -> None:
    given = images(2)
    engine.infer({"image": given})
    np.testing.assert_array_equal(given, images(2))


def test_takes_a_view_that_may_not_be_written(engine: Engine) -> None:
    given = images(4)
    view = given[::2, :, ::-1]
    view.flags.writeable = False
    seen = engine.infer({"image": view})["embedding"]
    np.testing.assert_array_equal(seen, engine.infer({"image": view.copy()})["embedding"])


def test_a_result_is_the_callers(engine: Engine) -> None:
    first = engine.infer({"image": images(2)})["embedding"]
    held = first.copy()
    engine.infer({"image": images(2, seed=1)})
    np.testing.assert_array_equal(first, held)


@pytest.mark.parametrize(
    ("tensors", "told"),
    [
        ({}, "inputs must be"),
        ({"picture": images(1)}, "inputs must be"),
        ({"image": images(1), "more": images(1)}, "inputs must be"),
        ({"image": images(1).astype(np.float64)}, "float32, but got"),
        ({"image": images(1)[:, :2]}, "but got"),
        ({"image": images(1)[0]}, "but got"),
    ],
)
def test_refuses_other_inputs(engine: Engine, tensors: dict[str, np.ndarray], told: str) -> None:
    with pytest.raises(TensorError, match=told):
        engine.infer(tensors)


def test_close_is_idempotent_and_final(engine: Engine) -> None:
    engine.close()
    engine.close()
    with pytest.raises(TensorError, match="after close"):
        engine.infer({"image": images(1)})
