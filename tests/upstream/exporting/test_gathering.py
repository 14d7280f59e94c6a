from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from gleancam.wire.codec import encode
from gleancam_upstream.errors import ExportError
from gleancam_upstream.exporting.gathering import Gathered, gather
from gleancam_upstream.exporting.wanted import Wanted, parsed_states
from gleancam_upstream.kept import index, pictured
from made_datasets import ENSEMBLE, NAMES, Stored, made_box, stored, write_dataset

BOX = (0.1, 0.2, 0.3, 0.4)


def three(root: Path) -> list[Stored]:
    samples = [
        stored(number, [made_box(BOX, "person", 0.5)], sample_id=f"sample-{number}")
        for number in range(3)
    ]
    write_dataset(root, samples)
    return samples


def gathered(root: Path, wanted: Wanted | None = None) -> Gathered:
    return gather(root, index(root), wanted or Wanted(), lambda: None)


def ids(found: Gathered) -> list[str]:
    return [one.sample_id for one in found.pictures]


def test_a_damaged_manifest_is_named_and_the_rest_goes_on(tmp_path: Path) -> None:
    three(tmp_path)
    (tmp_path / "samples" / "front" / "sample-1.json").write_bytes(b'{"sample_id": "sam')
    found = gathered(tmp_path)
    assert ids(found) == ["sample-0", "sample-2"]
    (problem,) = found.problems
    assert problem.startswith("front/sample-1: ")
    assert "cannot be read" in problem


def test_a_missing_or_cut_picture_is_named(tmp_path: Path) -> None:
    samples = three(tmp_path)
    images = tmp_path / "images" / "front"
    (images / "sample-0.jpg").unlink()
    (images / "sample-2.jpg").write_bytes(samples[2].image[:-7])
    found = gathered(tmp_path)
    assert ids(found) == ["sample-1"]
    missing, cut = found.problems
    assert "is missing" in missing
    assert f"has {len(samples[2].image) - 7} bytes" in cut


def test_the_manifest_of_another_is_not_taken(tmp_path: Path) -> None:
    three(tmp_path)
    folder = tmp_path / "samples" / "front"
    (folder / "sample-0.json").write_bytes((folder / "sample-1.json").read_bytes())
    found = gathered(tmp_path)
    assert ids(found) == ["sample-1", "sample-2"]
    assert "is of another sample" in found.problems[0]


def test_a_sample_that_was_stored_twice_is_one(tmp_path: Path) -> None:
    samples = three(tmp_path)
    lines = (tmp_path / "index.jsonl").read_bytes()
    (tmp_path / "index.jsonl").write_bytes(lines * 2)
    assert len(ids(gathered(tmp_path))) == len(samples)


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "a\x00b", "a\u2028b", "a\uffff"])
def test_a_name_that_no_format_can_write_is_told(tmp_path: Path, name: str) -> None:
    write_dataset(tmp_path, [stored(1, [made_box(BOX, name, 0.5)]), stored(2)])
    found = gathered(tmp_path)
    assert len(found.pictures) == 1
    assert "class name" in found.problems[0]


def test_nothing_sound_is_an_error(tmp_path: Path) -> None:
    write_dataset(tmp_path, [])
    with pytest.raises(ExportError, match="holds no samples: run"):
        gathered(tmp_path)
    three(tmp_path)
    for path in (tmp_path / "images" / "front").iterdir():
        path.unlink()
    with pytest.raises(ExportError, match="none of 3 samples is sound: front/sample-0: "):
        gathered(tmp_path)


def test_classes_are_the_committees_then_what_else_was_seen(tmp_path: Path) -> None:
    seen = [made_box(BOX, name, 0.5) for name in ("zebra", "person", "apple")]
    write_dataset(tmp_path / "new", [stored(1, seen)])
    assert gathered(tmp_path / "new").classes == (*NAMES, "apple", "zebra")
    write_dataset(tmp_path / "old", [stored(1, seen, old=True)])
    assert gathered(tmp_path / "old").classes == ("apple", "person", "zebra")


def test_a_release_is_the_settings_not_the_frame(tmp_path: Path) -> None:
    late = msgspec.structs.replace(
        ENSEMBLE,
        degraded_quorum=True,
        members=(
            ENSEMBLE.members[0],
            msgspec.structs.replace(ENSEMBLE.members[1], status="timeout"),
        ),
    )
    other = msgspec.structs.replace(ENSEMBLE, confidence=0.5)
    samples = []
    for number, ensemble in enumerate((ENSEMBLE, late, other)):
        one = stored(number)
        data = msgspec.structs.replace(one.data, ensemble=ensemble)
        samples.append(Stored(data, encode(data), one.image))
    write_dataset(tmp_path, samples)
    first, second, third = (one.release for one in gathered(tmp_path).pictures)
    assert first == second != third
    assert gathered(tmp_path).releases == (first, third), "the most frequent first"


def test_what_is_not_wanted_stays_behind_and_is_counted(tmp_path: Path) -> None:
    states = ("generated", "promoted", "approved", "discarded")
    labels = [made_box(BOX, "person", 0.3 + at / 10, state) for at, state in enumerate(states)]
    labels.append(made_box((0.5, 0.5, 0.5, 0.6), "person", 0.9))
    write_dataset(tmp_path, [stored(1, labels)])

    def kept(wanted: Wanted) -> tuple[list[str], dict[str, int]]:
        found = gathered(tmp_path, wanted)
        return [one.state for one in found.pictures[0].labels], dict(found.left_out)

    assert kept(Wanted()) == (
        ["generated", "promoted", "approved"],
        {"is discarded": 1, "encloses nothing": 1},
    )
    assert kept(Wanted(min_score=0.4))[0] == ["promoted", "approved"]
    assert kept(Wanted(min_score=0.4))[1]["score too low"] == 1
    only, why = kept(Wanted(states=parsed_states("approved,discarded")))
    assert only == ["approved", "discarded"]
    assert why == {"is generated": 1, "is promoted": 1, "encloses nothing": 1}
    with pytest.raises(ExportError, match="there is no aproved: choose from generated"):
        parsed_states("aproved")


def test_a_picture_that_is_held_is_no_missing_file(tmp_path: Path) -> None:
    three(tmp_path)
    manifest = tmp_path / "samples" / "front" / "sample-1.json"
    manifest.write_bytes(manifest.read_bytes().replace(b'"topic"', b'"held"'))
    (tmp_path / "images" / "front" / "sample-1.jpg").unlink()
    (problem,) = gathered(tmp_path).problems
    assert "on the device" in problem
    assert [row.sample_id for row in pictured(tmp_path, index(tmp_path))] == [
        "sample-0",
        "sample-2",
    ]
