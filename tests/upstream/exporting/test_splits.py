from __future__ import annotations

import pytest

from gleancam.wire.sample_data import SampleData
from gleancam_upstream.errors import ExportError
from gleancam_upstream.exporting.splits import WHOLE, parsed_splits, split_of
from made_datasets import stored

THIRDS = parsed_splits("train=0.5,val=0.3,test=0.2")


def data(scene: str, camera: str = "front") -> SampleData:
    return stored(1, camera=camera, scene=scene).data


def test_shares_come_out_over_many_scenes() -> None:
    found = [split_of(data(f"scene-{number}"), THIRDS) for number in range(400)]
    for name, share in THIRDS:
        assert found.count(name) / 400 == pytest.approx(share, abs=0.08)


def test_a_scene_is_in_the_same_split_for_ever() -> None:
    """These are promises: a trained model's validation pictures must not become training ones."""
    found = [split_of(data(f"scene-{number}"), THIRDS) for number in range(8)]
    assert found == ["test", "val", "train", "val", "val", "train", "val", "train"]


def test_the_scenes_of_two_cameras_are_apart() -> None:
    names = [f"scene-{number}" for number in range(40)]
    front = [split_of(data(name, "front"), THIRDS) for name in names]
    assert front != [split_of(data(name, "back"), THIRDS) for name in names]


def test_growing_the_training_share_moves_none_out_of_it() -> None:
    less, more = parsed_splits("train=0.6,val=0.4"), parsed_splits("train=0.8,val=0.2")
    for number in range(60):
        if split_of(data(f"scene-{number}"), less) == "train":
            assert split_of(data(f"scene-{number}"), more) == "train"


def test_without_a_split_everything_is_one() -> None:
    assert parsed_splits("") == WHOLE
    assert split_of(data("any"), WHOLE) == "train"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("train", "no name and share"),
        ("train=", "no name and share"),
        ("train=nan,val=1", "no name and share"),
        ("train=1.5,val=-0.5", "no name and share"),
        ("train=0.5,val=0.4", "do not add up to 1"),
        ("train=0.5,train=0.5", "at most once"),
        ("train=0.5,holdout=0.5", "each of train, val, test"),
    ],
)
def test_what_is_no_split_is_told(text: str, why: str) -> None:
    with pytest.raises(ExportError, match=why):
        parsed_splits(text)
