"""What everything that takes frames does, whether it preprocesses on the CPU or on the GPU."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from gleancam_engines.errors import TensorError
from gleancam_engines.loading import open_pictures
from gleancam_engines.manifest import load
from gleancam_engines.opening import Opening
from gleancam_engines.pictures import Pictures
from gleancam_engines.planes import Planes
from gleancam_engines.precision import Precision
from gpu_rig import VERSIONS, compile_here, on_gpu, simulated_gpu
from made_models import DIM, projection, write_model
from made_planes import COLORIMETRIES, from_rgb, scenery

BATCHES = (1, 5)
SIZES = ((48, 64), (33, 57), (16, 16), (64, 40), (90, 160))
"""(height, width): of the model's size, larger, odd, and of other shapes."""


def _host(folder: Path) -> Pictures:
    directory = write_model(folder, projection())
    return open_pictures(directory, load(directory), Opening("onnxruntime"))


def _gpu(precision: Precision) -> Callable[[Path], Pictures]:
    def make(folder: Path) -> Pictures:
        directory = write_model(folder / "projection", projection())
        compile_here(directory, precision=precision, batches=BATCHES)
        return open_pictures(directory, load(directory), on_gpu(precision, BATCHES))

    return make


@pytest.fixture(
    params=[
        pytest.param((_host, None), id="host"),
        *(pytest.param((_gpu("fp32"), one), id=f"gpu-{one}") for one in VERSIONS),
        pytest.param((_gpu("fp16"), VERSIONS[0]), id="gpu-fp16"),
    ]
)
def pictures(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Pictures]:
    make: Callable[[Path], Pictures]
    make, version = request.param
    with simulated_gpu(monkeypatch, version) if version else nullcontext():
        opened = make(tmp_path)
        yield opened
        opened.close()


def frames(count: int = len(SIZES), seed: int = 0) -> list[Planes]:
    return [
        from_rgb(scenery(*SIZES[at % len(SIZES)], seed=seed + at), COLORIMETRIES[at % 4])
        for at in range(count)
    ]


def embed(pictures: Pictures, given: list[Planes]) -> npt.NDArray[np.float32]:
    found: npt.NDArray[np.float32] = pictures.infer(given)["embedding"]
    return found


def cosine(a: npt.NDArray[np.float32], b: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    lengths = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    cosines: npt.NDArray[np.float32] = (a * b).sum(1) / lengths
    return cosines


def test_says_what_runs_it(pictures: Pictures) -> None:
    assert pictures.engine.model_id.startswith("projection@")
    assert [spec.name for spec in pictures.engine.inputs] == ["image"]


@pytest.mark.parametrize("count", [1, 5])
def test_gives_what_the_engine_declares(pictures: Pictures, count: int) -> None:
    results = pictures.infer(frames(count))
    assert set(results) == {"embedding"}
    assert results["embedding"].shape == (count, DIM)
    assert results["embedding"].dtype == np.float32


def test_agrees_with_the_cpu_in_fp32(pictures: Pictures, tmp_path: Path) -> None:
    reference = _host(tmp_path / "reference")
    assert cosine(embed(pictures, frames()), embed(reference, frames())).min() > 0.999
    reference.close()


def test_a_frame_does_not_depend_on_the_rest_of_its_batch(pictures: Pictures) -> None:
    together = embed(pictures, frames())
    alone = np.concatenate([embed(pictures, [frame]) for frame in frames()])
    np.testing.assert_allclose(together, alone, rtol=1e-3, atol=1e-3)


def test_smaller_frames_after_larger_ones_are_as_good(pictures: Pictures) -> None:
    small = frames()[2:3]
    first = embed(pictures, small)
    embed(pictures, frames())
    np.testing.assert_array_equal(embed(pictures, small), first)


def test_a_result_is_the_callers(pictures: Pictures) -> None:
    first = embed(pictures, frames())
    held = first.copy()
    embed(pictures, frames(seed=9))
    np.testing.assert_array_equal(first, held)


def test_leaves_frames_alone_and_needs_not_write_them(pictures: Pictures) -> None:
    given = [frame.read_only() for frame in frames()]
    embed(pictures, given)
    for have, want in zip(given, frames(), strict=True):
        np.testing.assert_array_equal(have.y, want.y)


def test_planes_may_be_views(pictures: Pictures) -> None:
    plain = frames(1)[0]
    wide = np.repeat(plain.y, 2, axis=1)
    view = Planes(wide[:, ::2], plain.u, plain.v, plain.colorimetry)
    np.testing.assert_array_equal(embed(pictures, [view]), embed(pictures, [plain]))


def test_refuses_inputs_that_the_model_has_not(pictures: Pictures) -> None:
    with pytest.raises(TensorError, match="inputs must be"):
        pictures.infer(frames(1), {"scale": np.ones((1, 2), np.float32)})


def test_close_is_idempotent_and_final(pictures: Pictures) -> None:
    embed(pictures, frames())
    pictures.close()
    pictures.close()
    with pytest.raises(TensorError, match="after close"):
        pictures.infer(frames(1))
