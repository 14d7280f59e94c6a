from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import numpy as np

from bench.cache import key, load_arrays, of_sources, remembered, save_arrays


def counted(numbers: Iterator[int]) -> dict[str, int]:
    return {"made": next(numbers)}


def test_a_value_is_made_once_for_a_name(tmp_path: Path) -> None:
    numbers = count()
    first = remembered("a", lambda: counted(numbers), tmp_path / "new")
    assert remembered("a", lambda: counted(numbers), tmp_path / "new") == first == {"made": 0}
    assert remembered("b", lambda: counted(numbers), tmp_path / "new") == {"made": 1}


def test_arrays_come_back_as_they_were(tmp_path: Path) -> None:
    assert load_arrays("a", tmp_path) == {}
    rows = np.arange(6, dtype=np.float32).reshape(2, 3)
    save_arrays("a", {"rows": rows}, tmp_path)
    assert (load_arrays("a", tmp_path)["rows"] == rows).all()
    assert [file.name for file in tmp_path.iterdir()] == ["a.npz"]


def test_keys_differ_with_every_part_and_where_parts_are_cut() -> None:
    assert len({key("ab", "c"), key("a", "bc"), key("abc"), key("ab", "d")}) == 4


def test_another_line_of_source_is_another_key(tmp_path: Path) -> None:
    for name, text in (("one", "a = 1\n"), ("two", "a = 2\n")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "module.py").write_text(text)
    assert of_sources(tmp_path / "one") != of_sources(tmp_path / "two")
