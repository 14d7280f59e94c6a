"""The parts of an export that need no torch."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from gleancam_engines import catalogue
from gleancam_engines.errors import ExportError, ManifestError, ModelFileError, PrototypeError
from gleancam_engines.export.manifest_file import to_toml
from gleancam_engines.export.preprocessing import preprocess_of
from gleancam_engines.export.prompts import read_prompts
from gleancam_engines.export.recipe import Recipe, choose
from gleancam_engines.export.request import Request
from gleancam_engines.export.scenes import SIZES, made_scenes
from gleancam_engines.manifest import Manifest, load, parse
from gleancam_engines.text_tower import TextTower, load_text_tower
from made_models import manifest_text, projection

GREY = (0.5, 0.5, 0.5)
PLAIN = Recipe(GREY, GREY, "bicubic", "shortest", hub="organisation/repository/")
SETTINGS = {
    "size": 224,
    "mode": "RGB",
    "mean": GREY,
    "std": GREY,
    "interpolation": "bicubic",
    "resize_mode": "shortest",
    "fill_color": 0,
}


@pytest.mark.parametrize("name", catalogue.names())
def test_a_manifest_is_written_as_it_is_read(name: str) -> None:
    manifest = load(catalogue.find(name))
    assert parse(to_toml(manifest), Path("written")) == manifest


@pytest.mark.parametrize("text", ['"', "\\", "a\nb", "Müller 😀", "[x]\n#", "\x7f\x01"])
def test_any_text_survives_a_manifest(text: str) -> None:
    manifest = msgspec.structs.replace(load(catalogue.find("yolox-nano")), summary=text)
    assert parse(to_toml(manifest), Path("written")) == manifest


@pytest.mark.parametrize(
    ("request_", "name"),
    [
        (Request("ViT-B-32", "openai"), "vit-b-32-openai"),
        (Request("ViT-B-16-SigLIP2", "webli"), "vit-b-16-siglip2-webli"),
        (Request("RN50", checkpoint=Path("/x/My weights.pt")), "rn50-my-weights"),
        (Request("RN50", "openai", name="mine"), "mine"),
    ],
)
def test_names_of_directories(request_: Request, name: str) -> None:
    assert request_.directory_name == name


def test_weights_of_ones_own_follow_the_only_recipe_there_is() -> None:
    tags = {"a": PLAIN, "b": replace(PLAIN, hub="another/one/")}
    request = Request("M", checkpoint=Path("x.pt"))
    assert choose(request, ("M",), tags, PLAIN) == replace(PLAIN, hub="")


@pytest.mark.parametrize("other", [replace(PLAIN, quick_gelu=True), replace(PLAIN, mean=(0, 0, 0))])
def test_weights_of_ones_own_are_never_guessed(other: Recipe) -> None:
    tags = {"a": PLAIN, "b": other}
    request = Request("M", checkpoint=Path("x.pt"))
    with pytest.raises(ExportError, match="--pretrained whose your checkpoint follows: a, b"):
        choose(request, ("M",), tags, PLAIN)
    assert choose(replace(request, pretrained="b"), ("M",), tags, PLAIN) == other


def test_long_lists_are_cut() -> None:
    tags = {f"tag{at}": PLAIN for at in range(20)}
    with pytest.raises(ExportError, match=r"tag0, .*tag7 and 12 more"):
        choose(Request("M"), ("M",), tags, PLAIN)


@pytest.mark.parametrize(
    ("resize_mode", "mode"), [("shortest", "crop"), ("longest", "letterbox"), ("squash", "squash")]
)
def test_resize_modes(resize_mode: str, mode: str) -> None:
    settings = {**SETTINGS, "resize_mode": resize_mode, "fill_color": 7}
    spec = preprocess_of(settings, "reference")
    assert (spec.mode, spec.pad, spec.anchor) == (mode, 7, "centre")
    assert preprocess_of(settings, "squash").mode == "squash"


def test_sizes_may_differ_by_side() -> None:
    spec = preprocess_of({**SETTINGS, "size": (192, 256)}, "reference")
    assert (spec.height, spec.width) == (192, 256)


@pytest.mark.parametrize(
    "change", [{"resize_mode": "new"}, {"interpolation": "lanczos"}, {"mode": "L"}]
)
def test_unknown_preprocessing_is_refused(change: dict[str, str]) -> None:
    with pytest.raises(ExportError, match="not known here"):
        preprocess_of({**SETTINGS, **change}, "reference")


def test_scenes_are_the_same_every_time() -> None:
    first, second = made_scenes(), made_scenes()
    assert [(one.height, one.width) for one in first] == list(SIZES)
    assert all((a.y == b.y).all() for a, b in zip(first, second, strict=True))


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_prompts_are_put_into_every_template(tmp_path: Path) -> None:
    text = 'templates = ["a {}.", "{} at night"]\n[classes]\nperson = ["man", "{0}"]\n'
    prompts = read_prompts(write(tmp_path / "p.toml", text))
    want = ["a man.", "man at night", "a {0}.", "{0} at night"]
    assert prompts.texts("person") == want


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "classes"),
        ("[classes]\n", "length"),
        ("[classes]\na = []\n", "length"),
        ('[classes]\na = "b"\n', "array"),
        ('templates = ["none"]\n[classes]\na = ["b"]\n', "must hold {} once"),
        ('template = "{}"\n[classes]\na = ["b"]\n', "template"),
        ("[classes", "p.toml"),
    ],
)
def test_wrong_prompts_say_where(text: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(PrototypeError, match=told):
        read_prompts(write(tmp_path / "p.toml", text))


def test_missing_prompts(tmp_path: Path) -> None:
    with pytest.raises(PrototypeError, match="cannot be read"):
        read_prompts(tmp_path / "p.toml")


@pytest.fixture
def image() -> Manifest:
    return parse(manifest_text(projection()), Path("manifest.toml"))


def record(image: Manifest, space_id: str = "") -> bytes:
    tower = TextTower("text.onnx", "0" * 64, 5, space_id or image.space_id, "M", 77, 8, 100.0)
    return msgspec.json.encode(tower)


def test_a_text_tower_is_a_model_of_its_own(image: Manifest, tmp_path: Path) -> None:
    (tmp_path / "text.json").write_bytes(record(image))
    manifest = load_text_tower(tmp_path, image).manifest(image)
    assert (manifest.weights.name, manifest.weights.sha256) == ("text.onnx", "0" * 64)
    assert (manifest.inputs[0].dtype, manifest.inputs[0].shape) == ("int64", (-1, 77))
    assert manifest.outputs[0].name == "text_embedding"


@pytest.mark.parametrize(
    ("content", "told"), [(b"{}", "is damaged"), (b"", "is damaged"), (None, "has no text tower")]
)
def test_a_text_tower_that_is_none(
    content: bytes | None, told: str, image: Manifest, tmp_path: Path
) -> None:
    if content is not None:
        (tmp_path / "text.json").write_bytes(content)
    with pytest.raises(ModelFileError, match=told):
        load_text_tower(tmp_path, image)


def test_a_text_tower_of_another_space(image: Manifest, tmp_path: Path) -> None:
    (tmp_path / "text.json").write_bytes(record(image, "f" * 16))
    with pytest.raises(ModelFileError, match="embedding space ffffffffffffffff"):
        load_text_tower(tmp_path, image)


def test_a_source_needs_a_tag_or_a_hash() -> None:
    text = manifest_text(projection()).replace('kind = "file"', 'kind = "open_clip"')
    with pytest.raises(ManifestError, match="the tag of the weights"):
        parse(text.replace('path = "model.onnx"', 'model = "ViT-B-32"'), Path("manifest.toml"))
