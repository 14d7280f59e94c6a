"""The board of camera states."""

from __future__ import annotations

import pytest

from gleancam.cameras import CameraBoard


def _words(board: CameraBoard) -> list[str]:
    return [state.state for state in board.states()]


def test_cameras_start_offline_or_disabled() -> None:
    board = CameraBoard(["gate", "yard"], disabled=["roof"])
    assert _words(board) == ["offline", "offline", "disabled"]


def test_changes_tell_what_is_new_once() -> None:
    board = CameraBoard(["gate", "yard"])
    version, first = board.changes(0)
    assert [state.camera_id for state in first] == ["gate", "yard"]
    assert board.changes(version) == (version, ())
    board.seen("yard", 5)
    version, changed = board.changes(version)
    assert [(state.camera_id, state.state) for state in changed] == [("yard", "online")]
    assert board.changes(version) == (version, ())


def test_a_picture_more_is_no_change_but_is_dated() -> None:
    board = CameraBoard(["gate"])
    board.seen("gate", 5)
    version = board.version
    board.seen("gate", 9)
    assert board.version == version
    assert board.states()[0].last_frame_ns == 9


@pytest.mark.parametrize(("kind", "word"), [("stalled", "stalled"), ("refused", "offline")])
def test_a_failure_says_why_until_a_picture_comes(kind: str, word: str) -> None:
    board = CameraBoard(["gate"])
    board.failed("gate", kind, "no route")
    state = board.states()[0]
    assert (state.state, state.error_kind, state.error_text) == (word, kind, "no route")
    board.seen("gate", 5)
    assert board.states()[0].error_kind == ""


def test_the_same_failure_again_is_no_change() -> None:
    board = CameraBoard(["gate"])
    board.failed("gate", "refused", "no route")
    version = board.version
    board.failed("gate", "refused", "no route")
    assert board.version == version


def test_since_is_kept_while_the_state_is_the_same() -> None:
    board = CameraBoard(["gate"])
    board.failed("gate", "refused", "no route")
    since = board.states()[0].since_ns
    board.failed("gate", "not_found", "no stream")
    assert board.states()[0].since_ns == since


def test_damage_is_shown_online_and_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    board = CameraBoard(["gate"])
    board.seen("gate", 5)
    board.damaged("gate", "3 pictures could not be decoded")
    board.seen("gate", 6)
    assert (board.states()[0].state, board.states()[0].error_kind) == ("online", "corrupt")
    monkeypatch.setattr("gleancam.cameras.DAMAGE_SHOWN_NS", 0)
    board.seen("gate", 7)
    assert board.states()[0].error_kind == ""


def test_an_unknown_camera_is_a_bug() -> None:
    with pytest.raises(KeyError):
        CameraBoard(["gate"]).seen("yard", 1)
