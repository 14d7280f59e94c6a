"""Show what would be kept of a video file, and where its scenes change.

With --json one object: video, frames_decoded, embedded, gated, decisions (one row for every
embedded frame: frame, t_s, keep, reason, score, threshold, and tag where it is near to one),
scene_changes (frame, t_s, distance, threshold, kind; gradual ones with start and end; label where
scenes have names) and conditions (frame, t_s, conditions: from this frame on just these hold: dark,
moved and so on). Frame numbers are 0-based in presentation order; a change at N means that N is the
first frame of the new scene. The same file and configuration give the same bytes.

Detectors run only for what is kept as uncertain: with --uncertain, or where the configuration has
it enabled. A frame they are to look at is looked at straight away, as on an idle device.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path

from msgspec.structs import replace

from gleancam.config.file import load
from gleancam.config.keys import Camera, Config, FileCamera, Models
from gleancam.errors import ConfigurationError, SourceError
from gleancam.model_directory import model_directory
from gleancam.opening import opening
from gleancam.parts.references import read_references
from gleancam.replay import Replay, Report
from gleancam.replay_view import progress, show
from gleancam.sources.video import read_video
from gleancam_engines import manifest
from gleancam_engines.detectors.base import Detector
from gleancam_engines.detectors.loading import open_detector
from gleancam_engines.embedder import Embedder, open_embedder
from gleancam_engines.planes import Planes
from gleancam_engines.voting.label import Label
from gleancam_engines.voting.single import label_each

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
    parser.add_argument(
        "--uncertain",
        action="store_true",
        help="also keep what the detectors are unsure of, whatever the configuration says",
    )
    parser.add_argument("--json", action="store_true", help="print a JSON object")


def run(args: argparse.Namespace) -> int:
    """Replay one video.

    Returns:
        0, or 1 when the file broke off before its end; the report covers what could be read.

    Raises:
        SourceError: the file cannot be read at all.
        ConfigurationError: the configuration cannot be used.
        EngineError: a model or a file of prototypes cannot be used.
    """
    config = load(args.config) if args.config else _default(args.video)
    if args.uncertain:
        config = _with_uncertain(config)
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
    with ExitStack() as opened:
        embedder = opened.enter_context(closing(_embedder(config.models)))
        references = read_references(config.selection, embedder.space_id)
        label = _label(config, opened) if config.selection.uncertain.enabled else None
        video = opened.enter_context(closing(read_video(args.video)))
        watch = opened.enter_context(progress(quiet=args.json))
        replay = Replay(config, camera, embedder.embed, embedder.space_id, fps, references, label)
        return replay.run(video, watch), video.fault


def _with_uncertain(config: Config) -> Config:
    """Switch `uncertain` on.

    Raises:
        ConfigurationError: there is no detector.
    """
    if not config.models.detectors:
        cure = "name one in models.detectors"
        raise ConfigurationError("--uncertain: the configuration has no detector", cure=cure)
    uncertain = replace(config.selection.uncertain, enabled=True)
    return replace(config, selection=replace(config.selection, uncertain=uncertain))


def _label(config: Config, opened: ExitStack) -> Callable[[Planes], tuple[Label, ...]]:
    """Open the detectors and return what labels a picture with them."""
    detectors = [
        opened.enter_context(closing(_detector(config.models, name)))
        for name in config.models.detectors
    ]

    def label(planes: Planes) -> tuple[Label, ...]:
        return label_each([each.detect(planes) for each in detectors], config.models.confidence)

    return label


def _detector(models: Models, name: str) -> Detector:
    directory = Path(models.directory) / name
    chosen = opening(models, manifest.load(directory))
    return open_detector(directory, chosen, confidence=models.raw_confidence)


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
