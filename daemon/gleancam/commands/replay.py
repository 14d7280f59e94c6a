"""Show what would be kept of a video file, and where its scenes change.

With --json one object: video, frames_decoded, embedded, gated, decisions (one row for every
embedded frame: frame, t_s, keep, reason, score, threshold), scene_changes (frame, t_s, distance,
threshold, kind: cut, gradual or discontinuity; gradual ones with start and end; scene_id of the new
scene; ended_scene: scene_id, start, end, duration_s, representative_id) and conditions (frame, t_s,
conditions: from this frame on just these hold: dark, moved and so on). Frame numbers are 0-based in
presentation order; a change at N means that N is the first frame of the new scene. The same file
and configuration give the same bytes.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from gleancam.config.file import load
from gleancam.config.keys import Camera, Config, FileCamera, Models
from gleancam.errors import ConfigurationError, SourceError
from gleancam.model_directory import model_directory
from gleancam.opening import opening
from gleancam.replay import Replay, Report
from gleancam.replay_view import progress, show
from gleancam.sources.video import read_video
from gleancam_engines import manifest
from gleancam_engines.embedder import Embedder, open_embedder

_HIGHEST_RATE = 1000.0


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--video", type=Path, required=True, metavar="FILE")
    parser.add_argument(
        "--config", type=Path, metavar="FILE", help="take models, selection and camera from here"
    )
    parser.add_argument(
        "--camera", metavar="ID", help="whose masks and rate to use (default: the first)"
    )
    rate = parser.add_mutually_exclusive_group()
    rate.add_argument("--fps", type=_rate, metavar="N", help="frames a second (default: camera's)")
    rate.add_argument("--every-frame", action="store_true", help="look at every frame")
    parser.add_argument("--json", action="store_true", help="print a JSON object")


def run(args: argparse.Namespace) -> int:
    """Replay one video.

    Returns:
        0, or 1 when the file broke off before its end; the report covers what could be read.

    Raises:
        SourceError: the file cannot be read at all.
        ConfigurationError: the configuration cannot be used.
        EngineError: the embedder cannot be opened.
    """
    config = load(args.config) if args.config else _default(args.video)
    report, fault = _replay(args, config, _camera(config, args.camera))
    if args.json:
        print(json.dumps(report.document(args.video.name)))
    else:
        show(report)
    if fault is not None:
        print(f"{args.video} broke off: {fault}", file=sys.stderr)
    return int(fault is not None)


def _replay(
    args: argparse.Namespace, config: Config, camera: Camera
) -> tuple[Report, SourceError | None]:
    fps = None if args.every_frame else args.fps or camera.fps
    embedder = _embedder(config.models)
    video = read_video(args.video)
    try:
        with progress(quiet=args.json) as watch:
            replay = Replay(config, camera, embedder.embed, embedder.space_id, fps)
            return replay.run(video, watch), video.fault
    finally:
        video.close()
        embedder.close()


def _default(video: Path) -> Config:
    """Every default; thumbnails of every picture, since all are decoded here anyway."""
    models = Models(directory=str(model_directory()))
    camera = FileCamera(id="video", path=str(video), thumbnails="decoded")
    return Config(site="replay", device="replay", cameras=(camera,), models=models)


def _camera(config: Config, camera_id: str | None) -> Camera:
    for camera in config.cameras:
        if camera_id in (None, camera.id):
            return camera
    known = ", ".join(camera.id for camera in config.cameras)
    raise ConfigurationError(f"no camera {camera_id!r}", cure=f"choose one of {known}")


def _embedder(models: Models) -> Embedder:
    directory = Path(models.directory) / models.embedder
    return open_embedder(directory, opening(models, manifest.load(directory)))


def _rate(text: str) -> float:
    rate = float(text)
    if not 0 < rate <= _HIGHEST_RATE:
        raise argparse.ArgumentTypeError(f"must be above 0 and at most {_HIGHEST_RATE}: {text}")
    return rate
