"""The published code's answers (run of ancasag/ensembleObjectDetection 2c3be84)."""

from __future__ import annotations

import pytest

from gleancam_engines.voting.committee import Rules, Strategy
from made_committees import Row, committee, member, said

PIXELS = {
    "A": ("person", (10, 10, 50, 50), 0.9),
    "B": ("person", (12, 12, 52, 54), 0.6),
    "C": ("person", (11, 11, 51, 51), 0.777),
    "X": ("car", (70, 70, 90, 90), 0.8),
}
SIDE = 100


def row(letter: str) -> Row:
    name, (x1, y1, x2, y2), score = PIXELS[letter]
    return name, (x1 / SIDE, y1 / SIDE, x2 / SIDE, y2 / SIDE), score


def voted(models: list[str], strategy: Strategy) -> list[tuple[str, float]]:
    members = [member(f"m{place}") for place in range(len(models))]
    rows = [[row(letter) for letter in letters] for letters in models]
    evidence = [said(one, some) for one, some in zip(members, rows, strict=True)]
    asked = committee(members, Rules(strategy, compat="onepanel"))
    letter_of = {row(letter)[1]: letter for letter in PIXELS}
    labels = asked.vote(evidence, frame_px=(SIDE, SIDE)).labels
    return [(letter_of[label.xyxy], label.score) for label in labels]


@pytest.mark.parametrize(
    ("models", "strategy", "expected"),
    [
        (["AX", "B"], "affirmative", [("B", 0.75), ("X", 0.4)]),
        (["AX", "B"], "consensus", [("B", 0.75), ("X", 0.4)]),
        (["AX", "B"], "unanimous", [("B", 0.75)]),
        (["AX", "B", "C"], "affirmative", [("B", 0.76), ("X", 0.266667)]),
        (["AX", "B", "C"], "consensus", [("B", 0.76)]),
        (["AX", "B", "C"], "unanimous", [("B", 0.76)]),
        (["A", "B", "X", ""], "affirmative", [("B", 0.375), ("X", 0.2)]),
        (["A", "B", "X", ""], "consensus", [("B", 0.375)]),
        (["A", "B", "X", ""], "unanimous", []),
        (["ABC", ""], "affirmative", [("B", 1.14)]),
        (["AB", ""], "unanimous", [("B", 0.75)]),
    ],
)
def test_reproduces_the_published_code(
    models: list[str], strategy: Strategy, expected: list[tuple[str, float]]
) -> None:
    found = voted(models, strategy)
    assert [letter for letter, _ in found] == [letter for letter, _ in expected]
    assert [score for _, score in found] == pytest.approx(
        [score for _, score in expected],
        abs=5e-5,  # labels are rounded
    )


def test_the_same_votes_without_compat_count_models() -> None:
    members = [member("m0"), member("m1")]
    evidence = [said(members[0], [row("A"), row("B")]), said(members[1])]
    assert committee(members, Rules("unanimous")).vote(evidence).labels == ()


def test_pixels_include_their_last_one() -> None:
    """2 of 3 pixels common, of 4: above a half; as continuous boxes 1 of 3: below."""
    members = [member("a"), member("b")]
    boxes = ((0.1, 0.1, 0.12, 0.9), (0.11, 0.1, 0.13, 0.9))
    evidence = [said(one, [("dog", box, 0.5)]) for one, box in zip(members, boxes, strict=True)]
    rules = Rules("affirmative", iou=0.4, compat="onepanel")
    assert len(committee(members, rules).vote(evidence, frame_px=(100, 100)).labels) == 1
    assert len(committee(members, Rules("affirmative", iou=0.4)).vote(evidence).labels) == 2


def test_the_order_of_files_matters_there() -> None:
    """The middle box overlaps both others; who comes first decides who is left over."""
    left, middle, right = (("dog", (x, 0.1, x + 0.4, 0.5), 0.5) for x in (0.1, 0.2, 0.3))
    members = [member("a"), member("b"), member("c")]
    rules = Rules("affirmative", compat="onepanel")

    def groups(*rows: Row) -> list[int]:
        evidence = [said(one, [each]) for one, each in zip(members, rows, strict=True)]
        found = committee(members, rules).vote(evidence, frame_px=(100, 100)).labels
        return sorted(label.votes for label in found)

    assert groups(middle, left, right) == [3]
    assert groups(left, middle, right) == [1, 2]
