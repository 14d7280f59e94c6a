from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest

from gleancam.__main__ import main
from gleancam.commands.replay_video import _default
from gleancam.config.keys import AnyCamera, Config, FileCamera, Polygon
from gleancam.replay import Replay, Report, Sampling
from gleancam.sources.video import VideoFrame
from gleancam.whatif.once import EmbeddedOnce
from gleancam_engines.planes import Float32Array, Planes
from made_frames import apart, frame, picture


def film(seeds: Sequence[int], fps: float) -> Iterator[VideoFrame]:
    for index, seed in enumerate(seeds):
        yield VideoFrame(index, index / fps, frame(picture(seed), 0).planes)


def embed(pictures: Sequence[Planes]) -> Float32Array:
    """Pictures of seed 1 lie together; others far from them."""
    first = frame(picture(1), 0).planes.y
    return np.stack([apart(0.0 if np.array_equal(one.y, first) else 0.8) for one in pictures])


def replayed(
    seeds: Sequence[int], fps: float, sampled: float | None, camera: AnyCamera | None = None
) -> Report:
    chosen = camera or FileCamera(id="video", path="x", thumbnails="decoded")
    config = Config(site="s", device="d", cameras=(chosen,))
    return Replay(config, chosen, embed, "space", sampled).run(film(seeds, fps), lambda _: None)


def test_every_frame_is_counted_and_every_embedded_one_has_a_row() -> None:
    document = replayed([1] * 30 + [2] * 30, 25, None).document("cut.mp4")
    assert document["video"] == "cut.mp4"
    assert document["frames_decoded"] == 60
    assert document["embedded"] + document["gated"] == 60
    assert len(document["decisions"]) == document["embedded"]


def test_a_row_names_frame_time_and_why() -> None:
    row = replayed([1] * 5, 25, None).document("x")["decisions"][0]
    assert row == {
        "frame": 0,
        "t_s": 0.0,
        "keep": True,
        "reason": "novel",
        "score": 2.0,
        "threshold": 0.2,
    }


def test_a_cut_at_n_means_that_n_is_the_first_frame_of_the_new_scene() -> None:
    (change,) = replayed([1] * 30 + [2] * 30, 25, None).document("x")["scene_changes"]
    assert (change["frame"], change["t_s"], change["kind"]) == (30, 1.2, "cut")
    assert "start" not in change
    assert change["distance"] > change["threshold"]


def test_sparse_frames_leave_the_date_to_the_thumbnails() -> None:
    (change,) = replayed([1] * 130 + [2] * 130, 25, 1.0).document("x")["scene_changes"]
    assert change["frame"] == 130


def test_with_sampled_thumbnails_the_date_is_that_of_a_sampled_frame() -> None:
    camera = FileCamera(id="video", path="x")
    (change,) = replayed([1] * 130 + [2] * 130, 25, 1.0, camera).document("x")["scene_changes"]
    assert change["frame"] == 150


def test_a_mask_hides_what_changes_behind_it() -> None:
    everything = Polygon(name="all", polygon=((0, 0), (1, 0), (1, 1), (0, 1)))
    camera = FileCamera(id="video", path="x", mask=(everything,))
    document = replayed([1] * 30 + [2] * 30, 25, None, camera).document("x")
    assert document["scene_changes"] == []
    assert not any(row["keep"] for row in document["decisions"])


@pytest.mark.parametrize(
    ("video_fps", "fps", "taken"),
    [(25, 5, list(range(0, 50, 5))), (10, 10, list(range(50))), (10, 3, [0, 4, 7, 10, 14])],
)
def test_sampling_takes_the_first_frame_of_each_period(
    video_fps: float, fps: float, taken: list[int]
) -> None:
    sampling = Sampling(fps)
    chosen = [index for index in range(50) if sampling.takes(index / video_fps)]
    assert chosen[: len(taken)] == taken


def test_sampling_above_the_frame_rate_takes_every_frame_once() -> None:
    sampling = Sampling(1000)
    assert all(sampling.takes(index / 25) for index in range(50))


@pytest.mark.parametrize(
    ("video_fps", "fps", "seen"), [(25, None, 25), (25, 5, 5), (10, 30, 10), (25, 1.0, 1)]
)
def test_the_lottery_counts_on_as_many_frames_as_are_looked_at(
    video_fps: float, fps: float | None, seen: float
) -> None:
    camera = FileCamera(id="video", path="x", thumbnails="decoded", fps=2.0)
    rows = replayed([1] * 200, video_fps, fps, camera).decisions
    assert rows[0].decision.random_propensity == pytest.approx(12 / 86_400 / seen)


def test_without_a_configuration_there_is_no_lottery() -> None:
    assert not _default(Path("x.mp4")).selection.random.enabled
    assert Config(site="s", device="d", cameras=()).selection.random.enabled


def test_a_picture_or_none_is_no_rate() -> None:
    assert replayed([], 25, None).decisions == []
    assert replayed([1], 25, None).decisions[0].decision.random_propensity < 0.001


@pytest.fixture
def video(tmp_path: Path) -> Path:
    """Two shots of 15 frames at 10 fps."""
    path = tmp_path / "two-shots.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 10, (256, 144))
    for seed in [1] * 15 + [2] * 15:
        grey = cv2.resize(picture(seed), (256, 144), interpolation=cv2.INTER_NEAREST)
        writer.write(cv2.cvtColor(grey.astype(np.uint8), cv2.COLOR_GRAY2BGR))
    writer.release()
    return path


@pytest.mark.models
def test_the_command_gives_one_json_object_and_the_same_bytes_twice(
    video: Path,
    models_directory: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("GLEANCAM_MODELS", str(models_directory))
    texts = []
    for _ in range(2):
        assert main(["replay", "--video", str(video), "--every-frame", "--json"]) == 0
        texts.append(capsys.readouterr().out)
    document = json.loads(texts[0])
    assert document["frames_decoded"] == 30
    assert document["decisions"][0]["frame"] == 0
    assert texts[0] == texts[1]


@pytest.mark.models
def test_without_json_a_person_gets_tables(
    video: Path,
    models_directory: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("GLEANCAM_MODELS", str(models_directory))
    assert main(["replay", "--video", str(video), "--fps", "5"]) == 0
    shown = capsys.readouterr().out
    assert "decoded" in shown
    assert "novel" in shown


@pytest.mark.models
def test_a_file_that_is_no_video_is_an_error(
    tmp_path: Path,
    models_directory: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("GLEANCAM_MODELS", str(models_directory))
    path = tmp_path / "noise.mp4"
    path.write_bytes(bytes(range(256)) * 40)
    assert main(["replay", "--video", str(path), "--json"]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "noise.mp4" in captured.err


def test_a_camera_that_is_not_in_the_configuration_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "config.toml"
    config.write_text(
        'site = "s"\ndevice = "d"\n[directory]\npath = "/tmp/out"\n'
        '[[cameras]]\nid = "gate"\nsource = "test"\n'
    )
    arguments = ["--video", "x.mp4", "--config", str(config), "--camera", "door"]
    assert main(["replay", *arguments]) == 2
    assert "choose one of gate" in capsys.readouterr().err


@pytest.mark.parametrize("rate", ["0", "-1", "nan", "many"])
def test_a_rate_must_be_a_number_above_zero(rate: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["replay", "--video", "x.mp4", "--fps", rate])
    assert stopped.value.code == 2
    assert "--fps" in capsys.readouterr().err


@pytest.mark.models
def test_two_policies_over_a_video_embed_it_once_and_may_keep_equally_many(
    video: Path,
    tmp_path: Path,
    models_directory: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    paths = []
    for name, threshold in (("loose", 0.05), ("strict", 0.6)):
        path = tmp_path / f"{name}.toml"
        path.write_text(
            'site = "s"\ndevice = "d"\n[directory]\npath = "out"\n'
            '[[cameras]]\nid = "gate"\nsource = "test"\n'
            f'[models]\ndirectory = "{models_directory}"\n'
            f"[selection.novelty]\nthreshold = {threshold}\n"
        )
        paths.append(str(path))
    compared = ["replay", "--video", str(video), "--every-frame", "--compare", *paths, "--json"]
    assert main(compared) == 0
    loose, strict = json.loads(capsys.readouterr().out)["sides"]
    assert loose["pictures"] == strict["pictures"] == 30
    assert 1 <= strict["kept"] <= loose["kept"]
    assert loose["wire_bytes"] > 1000 * loose["kept"]
    assert loose["wire_bytes_guessed_of"] == 0

    assert main([*compared, "--at-most", "1"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert [side["kept"] for side in document["sides"]] == [1, 1]
    assert len({side["novelty_threshold_found"] for side in document["sides"]}) == 1


def test_a_picture_is_embedded_once_for_all_policies() -> None:
    asked = []

    def counted(pictures: Sequence[Planes]) -> Float32Array:
        asked.append(len(pictures))
        return embed(pictures)

    once = EmbeddedOnce(counted)
    first, second = (frame(picture(seed), 0).planes for seed in (1, 2))
    rows = once([first]), once([first, second]), once([second])
    assert asked == [1, 1]
    np.testing.assert_array_equal(rows[1], embed([first, second]))
    once.forget()
    once([first])
    assert asked == [1, 1, 1]
