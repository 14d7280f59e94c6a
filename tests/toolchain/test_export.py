from __future__ import annotations

import hashlib

import numpy as np
import onnx
import pytest

from gleancam_engines.embedder import open_embedder
from gleancam_engines.export.agreement import LEVELS, TOLERANCE
from gleancam_engines.export.exporting import Exported
from gleancam_engines.manifest import load
from gleancam_engines.manifest_sources import OpenClipSource
from gleancam_engines.text_tower import load_text_tower
from gleancam_engines.variants import read_variant
from made_planes import HD, from_rgb, scenery


@pytest.fixture(params=["vit_b_32", "mobileclip2_s0"])
def exported(request: pytest.FixtureRequest) -> Exported:
    found: Exported = request.getfixturevalue(request.param)
    return found


def test_agrees_with_the_original(exported: Exported) -> None:
    assert exported.image_difference <= TOLERANCE
    assert exported.text_difference is None or exported.text_difference <= TOLERANCE
    assert exported.preparation.mean_levels <= LEVELS
    assert not exported.preparation.photographs
    assert exported.preparation.pictures == 4


def test_the_directory_is_a_model(exported: Exported) -> None:
    manifest = load(exported.directory)
    assert manifest == exported.manifest
    assert "made pictures" in manifest.checked
    embedder = open_embedder(exported.directory)
    rows = embedder.embed([from_rgb(scenery(240, 320, seed), HD) for seed in range(3)])
    assert rows.shape == (3, 512)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    assert embedder.space_id == manifest.space_id


def test_preprocessing_is_that_of_open_clip(vit_b_32: Exported, mobileclip2_s0: Exported) -> None:
    clip, mobile = vit_b_32.manifest.preprocess, mobileclip2_s0.manifest.preprocess
    assert (clip.height, clip.mode, clip.resample) == (224, "crop", "bicubic")
    assert clip.mean == (0.48145466, 0.4578275, 0.40821073)
    assert (mobile.height, mobile.mode, mobile.resample) == (256, "crop", "bilinear")
    assert (mobile.mean, mobile.std) == ((0, 0, 0), (1, 1, 1))


def test_one_file_a_tower_with_a_batch_of_any_size(exported: Exported) -> None:
    model = onnx.load(exported.directory / "image.onnx", load_external_data=False)
    assert [one.version for one in model.opset_import if not one.domain] == [18]
    assert not any(tensor.external_data for tensor in model.graph.initializer)
    assert [one.name for one in model.graph.output] == ["image_embedding"]
    for value in (model.graph.input[0], model.graph.output[0]):
        assert value.type.tensor_type.shape.dim[0].dim_param


def test_no_path_of_this_machine_is_in_a_file(exported: Exported) -> None:
    for path in exported.directory.iterdir():
        assert b"site-packages" not in path.read_bytes(), path


def test_fp16_is_typed_and_bound_to_the_weights(exported: Exported) -> None:
    half = onnx.load_model_from_string(read_variant(exported.directory, exported.manifest, "fp16"))
    types = [one.type.tensor_type.elem_type for one in (half.graph.input[0], half.graph.output[0])]
    assert types == [onnx.TensorProto.FLOAT16, onnx.TensorProto.FLOAT]
    assert len(half.SerializeToString()) < 0.52 * exported.manifest.weights.size_bytes


def test_the_source_says_which_weights(exported: Exported) -> None:
    source = exported.manifest.weights.sources[0]
    assert isinstance(source, OpenClipSource)
    assert source.pretrained == ""
    assert len(source.weights_sha256) == 64


def test_the_text_tower_is_of_the_same_space(vit_b_32: Exported) -> None:
    tower = load_text_tower(vit_b_32.directory, vit_b_32.manifest)
    assert (tower.model, tower.context_length, tower.dim) == ("ViT-B-32", 77, 512)
    assert tower.logit_scale == pytest.approx(1 / 0.07, rel=1e-3)
    assert tower.logit_bias is None
    content = (vit_b_32.directory / tower.file).read_bytes()
    assert hashlib.sha256(content).hexdigest() == tower.sha256
    assert "image tower" in vit_b_32.manifest.summary


def test_nothing_is_left_over(exported: Exported) -> None:
    assert not [path for path in exported.directory.iterdir() if path.name.startswith(".")]
