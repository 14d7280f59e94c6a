"""`gleancam replay --video`: one policy or two over a file, embedded once."""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Sequence
from contextlib import ExitStack, closing
from dataclasses import replace as replaced
from pathlib import Path

from msgspec.structs import replace

from gleancam.commands.replay_answer import answer_comparison, answer_rerun
from gleancam.config.file import load
from gleancam.config.keys import Camera, Config, FileCamera, Models
from gleancam.config.selection_keys import Random, Selection
from gleancam.errors import ConfigurationError, SourceError
from gleancam.label_round import Request
from gleancam.labelling import Labeller
from gleancam.metrics import Metrics
from gleancam.model_directory import model_directory
from gleancam.opening import opening
from gleancam.parts.labelling import OpenDetector, make_panel
from gleancam.parts.references import read_references
from gleancam.replay import Doubt
from gleancam.replay_view import progress, show
from gleancam.sources.video import read_video
from gleancam.whatif.at_most import at_most
from gleancam.whatif.comparison import Entrant, compare
from gleancam.whatif.film import Film, show_all
from gleancam.whatif.once import EmbeddedOnce
from gleancam.whatif.policy import of_config
from gleancam_engines import manifest
from gleancam_engines.detectors.loading import open_detector
from gleancam_engines.embedder import Embedder, open_embedder
from gleancam_engines.planes import Planes


def run(args: argparse.Namespace) -> int:
    """Replay one video; see `commands.replay`."""
    if args.compare is not None:
        paths = [Path(name) for name in args.compare]
        configs = [(path.stem, load(path)) for path in paths]
        _require_one_embedder(configs)
    else:
        configs = [("policy", load(args.config) if args.config else _default(args.video))]
    if args.uncertain:
        configs = [(name, _with_uncertain(config)) for name, config in configs]
    films, fault = _film(args, configs)
    if args.compare is not None and not any(film.report.embedded for film in films):
        raise SourceError("ended", f"{args.video}: no frame was embedded, nothing to compare")
    _answer(args, films)
    if fault is not None:
        print(f"{args.video} broke off: {fault}", file=sys.stderr)
    return int(fault is not None)


def _film(
    args: argparse.Namespace, configs: Sequence[tuple[str, Config]]
) -> tuple[list[Film], SourceError | None]:
    cameras = [_camera(config, args.camera) for _, config in configs]
    with ExitStack() as opened:
        embedder = opened.enter_context(closing(_embedder(configs[0][1].models)))
        once = EmbeddedOnce(embedder.embed)
        films = [
            Film(
                name,
                config,
                camera,
                once,
                embedder.space_id,
                _fps(args, camera),
                read_references(config.selection, embedder.space_id),
                _doubt(config, opened) if config.selection.uncertain.enabled else None,
            )
            for (name, config), camera in zip(configs, cameras, strict=True)
        ]
        video = opened.enter_context(closing(read_video(args.video)))
        watch = opened.enter_context(progress(quiet=args.json))
        show_all(video, films, once, watch)
        return films, video.fault


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


def _doubt(config: Config, opened: ExitStack) -> Doubt:
    """Open the detectors and return what tells how unsure they are; they have all the time."""
    detectors = [_detector(config.models, name, opened) for name in config.models.detectors]
    panel = make_panel(config, detectors)
    patient = tuple(replaced(voter, timeout_s=None) for voter in panel.voters)
    labeller = Labeller(replaced(panel, voters=patient), Metrics.unseen(), math.inf)

    def doubt(planes: Planes, name: str | None) -> float:
        return labeller.look(Request("replay", planes, name), lambda: None).informativeness

    return doubt


def _detector(models: Models, name: str, opened: ExitStack) -> OpenDetector:
    directory = Path(models.directory) / name
    found = manifest.load(directory)
    detector = open_detector(directory, opening(models, found), confidence=models.raw_confidence)
    return OpenDetector(found, opened.enter_context(closing(detector)))


def _answer(args: argparse.Namespace, films: list[Film]) -> None:
    if args.compare is not None:
        first, second = (_entrant(args, film) for film in films)
        radius = args.radius or films[0].config.selection.novelty.threshold
        answer_comparison(args, compare(args.video.name, (first, second), radius), [])
    elif args.at_most is not None:
        recording = films[0].recording(args.video.name)
        threshold, found = at_most(recording, of_config(films[0].config, "policy"), args.at_most)
        answer_rerun(args, recording, found, [], threshold=threshold)
    elif args.json:
        print(json.dumps(films[0].report.document(args.video.name)))
    else:
        show(films[0].report)


def _entrant(args: argparse.Namespace, film: Film) -> Entrant:
    recording, pictures = film.recording(args.video.name), film.report.looked_at
    if args.at_most is None:
        return Entrant(film.name, film.rerun(recording), pictures)
    policy = of_config(film.config, film.name)
    threshold, found = at_most(recording, policy, args.at_most)
    return Entrant(film.name, found, pictures, threshold)


def _require_one_embedder(configs: Sequence[tuple[str, Config]]) -> None:
    (_, first), (_, second) = configs
    if first.models.embedder != second.models.embedder:
        raise ConfigurationError(
            f"{first.models.embedder} and {second.models.embedder} are two embedders, and their "
            "distances cannot be compared",
            cure="give both configurations the same models.embedder",
        )


def _default(video: Path) -> Config:
    """Every default, but no lottery: there is no site that it would be drawn for.

    Thumbnails of every picture, since all are decoded here anyway.
    """
    models = Models(directory=str(model_directory()))
    camera = FileCamera(id="video", path=str(video), thumbnails="decoded")
    selection = Selection(random=Random(enabled=False))
    return Config(
        site="replay", device="replay", cameras=(camera,), models=models, selection=selection
    )


def _camera(config: Config, camera_id: str | None) -> Camera:
    for camera in config.cameras:
        if camera_id in (None, camera.id):
            return camera
    known = ", ".join(camera.id for camera in config.cameras)
    raise ConfigurationError(f"no camera {camera_id!r}", cure=f"choose one of {known}")


def _fps(args: argparse.Namespace, camera: Camera) -> float | None:
    return None if args.every_frame else args.fps or camera.fps


def _embedder(models: Models) -> Embedder:
    directory = Path(models.directory) / models.embedder
    return open_embedder(directory, opening(models, manifest.load(directory)))
