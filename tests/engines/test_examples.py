from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gleancam_engines.errors import PictureError, PrototypeError
from gleancam_engines.examples import BATCH, folders_of, make_from_examples
from gleancam_engines.planes import Float32Array, Planes


def embed(pictures: Sequence[Planes]) -> Float32Array:
    """Bright pictures point one way, dark ones the other, each a little aside."""
    assert len(pictures) <= BATCH
    means = [float(planes.y.mean()) - 128 for planes in pictures]
    rows = np.array([[mean, 10, 5] for mean in means])
    unit: Float32Array = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return unit


def write(folder: Path, levels: Sequence[int]) -> Path:
    folder.mkdir(parents=True)
    for at, level in enumerate(levels):
        Image.new("RGB", (32, 24), (level, level, level)).save(folder / f"{at:03}.png")
    return folder


def test_a_class_is_the_mean_of_its_pictures_brought_back_to_norm_1(tmp_path: Path) -> None:
    folders = {
        "bright": write(tmp_path / "b", [200, 140, 220]),
        "dark": write(tmp_path / "d", range(30, 50)),
    }
    made = make_from_examples(folders, embed, "space-1")
    assert made.prototypes.names == ("bright", "dark")
    assert made.prototypes.space_id == "space-1"
    assert made.prototypes.logit_bias is None
    rows = np.array([[72, 10, 5], [12, 10, 5], [92, 10, 5]], float)
    mean = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).mean(axis=0)
    np.testing.assert_allclose(made.prototypes.vectors[0], mean / np.linalg.norm(mean), atol=1e-6)
    assert [each.pictures for each in made.separations] == [3, 20]
    assert [each.right for each in made.separations] == [1.0, 1.0]


def test_pictures_that_cancel_each_other_out_are_refused(tmp_path: Path) -> None:
    def opposite(pictures: Sequence[Planes]) -> Float32Array:
        return np.array([[1, 0], [-1, 0]], np.float32)[: len(pictures)]

    with pytest.raises(PrototypeError, match="class 'x' cancel"):
        make_from_examples({"x": write(tmp_path / "x", [10, 20])}, opposite, "s")


def test_folders_are_classes_by_name(tmp_path: Path) -> None:
    write(tmp_path / "b", [1])
    write(tmp_path / "a", [1])
    (tmp_path / "notes.txt").write_text("not a class")
    assert list(folders_of(tmp_path)) == ["a", "b"]


@pytest.mark.parametrize("there", [True, False])
def test_a_folder_without_folders_names_the_way_out(tmp_path: Path, *, there: bool) -> None:
    folder = tmp_path if there else tmp_path / "nowhere"
    with pytest.raises(PictureError, match="NAME="):
        folders_of(folder)


def test_an_empty_class_is_named(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    with pytest.raises(PictureError, match="holds no"):
        make_from_examples(folders_of(tmp_path), embed, "s")
