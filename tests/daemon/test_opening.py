from __future__ import annotations

from pathlib import Path

import pytest
from msgspec import structs

from gleancam.config.keys import Models
from gleancam.opening import batches, compile_command, opening, verify_command
from gleancam_engines import catalogue
from gleancam_engines.manifest import Manifest, load
from gleancam_engines.opening import Opening

EMBEDDER, DETECTOR = load(catalogue.find("tiny-vit-5m")), load(catalogue.find("yolox-nano"))


def of_batch(manifest: Manifest, batch: int) -> Manifest:
    first = manifest.inputs[0]
    return structs.replace(manifest, inputs=(structs.replace(first, shape=(batch, 3, 8, 8)),))


def batched(manifest: Manifest) -> Manifest:
    """Return the same detector with outputs for each picture."""
    outputs = tuple(
        structs.replace(tensor, shape=(-1, *tensor.shape[1:])) for tensor in manifest.outputs
    )
    return structs.replace(manifest, outputs=outputs)


@pytest.mark.parametrize(
    ("manifest", "most", "sizes"),
    [
        (of_batch(EMBEDDER, -1), 8, (1, 8)),
        (of_batch(EMBEDDER, -1), 1, (1,)),
        (of_batch(EMBEDDER, 4), 8, (4,)),
        (of_batch(DETECTOR, -1), 8, (1,)),
        (of_batch(DETECTOR, 1), 8, (1,)),
        (of_batch(batched(DETECTOR), -1), 8, (1, 8)),
    ],
)
def test_a_model_is_given_batches_it_takes(
    manifest: Manifest, most: int, sizes: tuple[int, ...]
) -> None:
    assert batches(manifest, most) == sizes


def test_the_configuration_says_how() -> None:
    models = Models(backend="openvino", precision="bf16", threads=3, batch=2)

    chosen = opening(models, of_batch(EMBEDDER, -1))

    assert chosen == Opening("openvino", "bf16", 3, (1, 2))


def test_commands_name_everything_that_decides_which_plan_it_is() -> None:
    chosen = Opening("tensorrt", "fp16", batches=(1, 8))
    decisive = "m --directory /models --precision fp16 --batch 1,8"

    assert compile_command(Path("/models/m"), chosen) == f"gleancam models compile {decisive}"
    assert verify_command(Path("/models/m"), chosen) == (
        f"gleancam models verify {decisive} --backend tensorrt --images DIR"
    )
