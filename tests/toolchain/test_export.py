from __future__ import annotations

import hashlib
import re
from pathlib import Path

import numpy as np
import onnx
import pytest

from gleancam_engines.embedder import open_embedder
from gleancam_engines.errors import ModelFileError
from gleancam_engines.export.agreement import LEVELS, TOLERANCE
from gleancam_engines.export.exporting import Exported
from gleancam_engines.fetch import fetch
from gleancam_engines.manifest import load
from gleancam_engines.manifest_sources import OpenClipSource
from gleancam_engines.text_tower import load_text_tower
from gleancam_engines.variants import read_variant
from made_planes import HD, from_rgb, scenery


@pytest.fixture(params=["exported_vit_b_32", "exported_mobileclip2_s0"])
def folder(request: pytest.FixtureRequest) -> Path:
    found: Path = request.getfixturevalue(request.param)
    return found


def test_agrees_with_the_original(vit_b_32: Exported) -> None:
    assert vit_b_32.image_difference <= TOLERANCE
    assert vit_b_32.text_difference is not None
    assert vit_b_32.text_difference <= TOLERANCE
    assert vit_b_32.preparation.mean_levels <= LEVELS
    assert not vit_b_32.preparation.photographs
    assert vit_b_32.manifest == load(vit_b_32.directory)


def test_the_manifest_says_what_was_checked(folder: Path) -> None:
    checked = load(folder).checked
    told = re.fullmatch(
        r"to torch: image (\S+), text (\S+); input (\S+)/255 from open_clip's on 4 made pictures, "
        r"cosine \S+ on average, \S+ at least",
        checked,
    )
    assert told, checked
    assert max(float(told[1]), float(told[2])) <= TOLERANCE
    assert float(told[3]) <= LEVELS


def test_the_directory_is_a_model(folder: Path) -> None:
    embedder = open_embedder(folder)
    rows = embedder.embed([from_rgb(scenery(240, 320, seed), HD) for seed in range(3)])
    assert rows.shape == (3, 512)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    assert embedder.space_id == load(folder).space_id


def test_preprocessing_is_that_of_open_clip(
    exported_vit_b_32: Path, exported_mobileclip2_s0: Path
) -> None:
    clip, mobile = (load(one).preprocess for one in (exported_vit_b_32, exported_mobileclip2_s0))
    assert (clip.height, clip.mode, clip.resample) == (224, "crop", "bicubic")
    assert clip.mean == (0.48145466, 0.4578275, 0.40821073)
    assert (mobile.height, mobile.mode, mobile.resample) == (256, "crop", "bilinear")
    assert (mobile.mean, mobile.std) == ((0, 0, 0), (1, 1, 1))


def test_one_file_a_tower_with_a_batch_of_any_size(folder: Path) -> None:
    model = onnx.load(folder / "image.onnx", load_external_data=False)
    assert [one.version for one in model.opset_import if not one.domain] == [18]
    assert not any(tensor.external_data for tensor in model.graph.initializer)
    assert [one.name for one in model.graph.output] == ["image_embedding"]
    for value in (model.graph.input[0], model.graph.output[0]):
        assert value.type.tensor_type.shape.dim[0].dim_param


def test_no_path_of_this_machine_is_in_a_file(folder: Path) -> None:
    for path in folder.iterdir():
        assert b"site-packages" not in path.read_bytes(), path


def test_fp16_is_typed_and_bound_to_the_weights(folder: Path) -> None:
    half = onnx.load_model_from_string(read_variant(folder, load(folder), "fp16"))
    types = [one.type.tensor_type.elem_type for one in (half.graph.input[0], half.graph.output[0])]
    assert types == [onnx.TensorProto.FLOAT16, onnx.TensorProto.FLOAT]
    assert len(half.SerializeToString()) < 0.52 * load(folder).weights.size_bytes


def test_the_source_says_which_weights(
    exported_vit_b_32: Path, exported_mobileclip2_s0: Path
) -> None:
    for folder, tag in ((exported_vit_b_32, ""), (exported_mobileclip2_s0, "dfndr2b")):
        source = load(folder).weights.sources[0]
        assert isinstance(source, OpenClipSource)
        assert source.pretrained == tag
        assert len(source.weights_sha256) == 64


def test_what_people_were_told_stays(exported_mobileclip2_s0: Path) -> None:
    manifest = load(exported_mobileclip2_s0)
    assert manifest.licence == "none: random weights"
    assert manifest.summary == "MobileCLIP2-S0, to be exported"


def test_what_is_here_is_not_exported_again(exported_mobileclip2_s0: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in exported_mobileclip2_s0.iterdir()}
    assert fetch(exported_mobileclip2_s0, exported_mobileclip2_s0.parent) == exported_mobileclip2_s0
    after = {path: path.stat().st_mtime_ns for path in exported_mobileclip2_s0.iterdir()}
    assert after == before


def test_damage_to_weights_of_ones_own_names_the_file(exported_vit_b_32: Path) -> None:
    path = exported_vit_b_32 / "text.onnx"
    whole = path.read_bytes()
    path.write_bytes(whole[:-1])
    try:
        with pytest.raises(ModelFileError, match=r"--checkpoint FILE --name vit-b-32"):
            fetch(exported_vit_b_32, exported_vit_b_32.parent)
    finally:
        path.write_bytes(whole)


def test_the_text_tower_is_of_the_same_space(vit_b_32: Exported) -> None:
    tower = load_text_tower(vit_b_32.directory, vit_b_32.manifest)
    assert (tower.model, tower.context_length, tower.dim) == ("ViT-B-32", 77, 512)
    assert tower.logit_scale == pytest.approx(1 / 0.07, rel=1e-3)
    assert tower.logit_bias is None
    content = (vit_b_32.directory / tower.file).read_bytes()
    assert hashlib.sha256(content).hexdigest() == tower.sha256
    assert "image tower" in vit_b_32.manifest.summary


def test_nothing_is_left_over(folder: Path) -> None:
    assert not [path for path in folder.iterdir() if path.name.startswith(".")]
