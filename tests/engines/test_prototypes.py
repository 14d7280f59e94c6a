from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gleancam_engines.errors import PrototypeError
from gleancam_engines.prototypes import Prototypes, load, save

SPACE = "0123456789abcdef"
names = st.lists(
    st.text(st.characters(exclude_characters="\0"), min_size=1), min_size=1, max_size=5, unique=True
)


def made(classes: tuple[str, ...] = ("person", "car"), bias: float | None = None) -> Prototypes:
    rows = np.random.default_rng(0).standard_normal((len(classes), 6)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return Prototypes(classes, rows, 100.0, bias, SPACE)


@given(classes=names, bias=st.none() | st.floats(-20, 20, width=32))
def test_come_back_as_they_were(
    classes: list[str], bias: float | None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("prototypes") / "prototypes.npz"
    want = made(tuple(classes), bias)
    save(path, want)
    have = load(path, SPACE)
    assert (have.names, have.logit_scale, have.logit_bias) == (want.names, 100.0, bias)
    np.testing.assert_array_equal(have.vectors, want.vectors)
    assert not have.vectors.flags.writeable


def test_another_space_is_refused(tmp_path: Path) -> None:
    save(tmp_path / "p.npz", made())
    with pytest.raises(PrototypeError, match="of embedding space 0123456789abcdef, and the model"):
        load(tmp_path / "p.npz", "f" * 16)


def test_a_missing_file_names_the_command(tmp_path: Path) -> None:
    with pytest.raises(PrototypeError, match="gleancam models prototypes"):
        load(tmp_path / "p.npz", SPACE)


def arrays() -> dict[str, npt.NDArray[Any]]:
    want = made()
    return {
        "names": np.array(want.names),
        "prototypes": want.vectors,
        "logit_scale": np.array(100, np.float32),
        "space_id": np.array(SPACE),
    }


ROWS = made().vectors


@pytest.mark.parametrize(
    ("name", "array", "told"),
    [
        ("names", np.array(["person"]), r"vectors must be \(1, D\) float32"),
        ("names", np.array(["a", "a"]), "all different"),
        ("names", np.array([1, 2]), "must be .C,. text"),
        ("names", np.array([None, "x"], dtype=object), "no file of prototypes"),
        ("prototypes", ROWS.astype(np.float64), "float32, but are .* float64"),
        ("prototypes", ROWS * 2, "L2 norm 1"),
        ("prototypes", ROWS * np.nan, "L2 norm 1"),
        ("prototypes", ROWS[0], "vectors must be"),
        ("logit_scale", np.array(-1, np.float32), "above 0"),
        ("logit_scale", np.array([1, 2], np.float32), "single value"),
        ("logit_scale", np.array("1"), "single value"),
        ("space_id", np.array(5), "single value"),
    ],
)
def test_wrong_arrays_are_named(
    name: str, array: npt.NDArray[Any], told: str, tmp_path: Path
) -> None:
    with (tmp_path / "p.npz").open("wb") as file:
        np.savez(file, allow_pickle=True, **{**arrays(), name: array})
    with pytest.raises(PrototypeError, match=told):
        load(tmp_path / "p.npz", SPACE)


@pytest.mark.parametrize("name", ["names", "prototypes", "logit_scale", "space_id"])
def test_a_missing_array_is_named(name: str, tmp_path: Path) -> None:
    left = {key: value for key, value in arrays().items() if key != name}
    np.savez(tmp_path / "p.npz", allow_pickle=False, **left)
    with pytest.raises(PrototypeError, match=f"no file of prototypes.*{name}"):
        load(tmp_path / "p.npz", SPACE)


@pytest.mark.parametrize("cut", [0, 1, 10, 200])
def test_a_damaged_file_is_refused(cut: int, tmp_path: Path) -> None:
    path = tmp_path / "p.npz"
    save(path, made())
    content = path.read_bytes()
    path.write_bytes(content[: len(content) - cut] if cut else b"nothing of the kind")
    with pytest.raises(PrototypeError):
        load(path, SPACE)


def test_a_small_file_that_unpacks_to_much_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "p.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("names.npy", bytes(300 << 20))
    with pytest.raises(PrototypeError, match="300 MiB unpacked"):
        load(tmp_path / "p.npz", SPACE)


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(PrototypeError, match="cannot be written"):
        save(tmp_path / "nowhere" / "p.npz", made())
