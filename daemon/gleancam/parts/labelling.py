"""From `[labels]` and the models to the panel that looks at frames."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from gleancam.config import label_keys
from gleancam.config.keys import Config
from gleancam.config.label_keys import Labels
from gleancam.labelling import Panel
from gleancam.voter import Voter
from gleancam.wire.ensemble import ensemble_data
from gleancam.wire.ensemble_data import EnsembleData
from gleancam_engines.calibrations import load_calibration
from gleancam_engines.detectors.base import Detector
from gleancam_engines.manifest import Manifest
from gleancam_engines.picture_variants import variant
from gleancam_engines.voting.committee import Committee
from gleancam_engines.voting.informativeness import InformativenessRule, Weights
from gleancam_engines.voting.member import Member
from gleancam_engines.voting.ontology import CanonicalClass, Ontology, Source, same_names
from gleancam_engines.voting.rules import Rules


@dataclass(frozen=True, slots=True)
class OpenDetector:
    """A detector that is ready, and what its manifest says of it."""

    manifest: Manifest
    detector: Detector


def make_panel(config: Config, opened: Sequence[OpenDetector]) -> Panel:
    """Put the detectors, which are in the order of models.detectors, together as configured.

    Raises:
        CalibrationError: the committee's calibration cannot be read.
    """
    voters = tuple(_voters(config, opened))
    committee = Committee(
        tuple(voter.member for voter in voters), _ontology(config, opened), _rules(config)
    )
    calibration = load_calibration(Path(config.models.directory), committee)
    return Panel(voters, replace(committee, calibration=calibration), _rule(config.labels))


def make_ensemble(config: Config, panel: Panel) -> EnsembleData:
    """Return how the panel's committee is told to others."""
    return ensemble_data(panel.committee, _confidence(config), config.models.raw_confidence)


def _voters(config: Config, opened: Sequence[OpenDetector]) -> Iterator[Voter]:
    weights = _weights([one.manifest for one in opened])
    for name, one, weight in zip(config.models.detectors, opened, weights, strict=True):
        settings = config.labels.members.get(name, label_keys.Member())
        for shown in map(variant, settings.variants):
            yield Voter(
                Member(
                    f"{one.detector.model_id}{shown.suffix}",
                    one.detector.class_names,
                    settings.weight or weight,
                ),
                one.detector,
                shown,
                None if settings.only is None else frozenset(settings.only),
                settings.timeout_s,
            )


def _weights(manifests: Sequence[Manifest]) -> list[float]:
    """Weigh by the published AP, where it is known of all."""
    known = [manifest.ap for manifest in manifests if manifest.ap is not None]
    return known if len(known) == len(manifests) else [1.0] * len(manifests)


def _ontology(config: Config, opened: Sequence[OpenDetector]) -> Ontology:
    names = [_model(one.detector) for one in opened]
    confidence = _confidence(config)
    if not config.labels.ontology:
        vocabularies = [one.detector.class_names for one in opened]
        return same_names(list(zip(names, vocabularies, strict=True)), confidence)
    called = dict(zip(config.models.detectors, names, strict=True))
    return Ontology(
        tuple(
            CanonicalClass(
                name,
                tuple(_source(source, called) for source in one.sources),
                confidence if one.confidence is None else one.confidence,
            )
            for name, one in config.labels.ontology.items()
        )
    )


def _source(text: str, called: dict[str, str]) -> Source:
    """Read `folder:name`; evidence knows a model by its manifest's name, not by its folder's."""
    model, _, name = text.partition(":")
    return Source(called[model], name)


def _model(detector: Detector) -> str:
    return detector.model_id.partition("@")[0]


def _confidence(config: Config) -> float:
    """Give the score from which boxes vote, of classes that do not say otherwise."""
    if config.labels.confidence is not None:
        return config.labels.confidence
    return _rules(config).vote_confidence(config.models.raw_confidence)


def _rules(config: Config) -> Rules:
    labels = config.labels
    return Rules(
        strategy=labels.strategy,
        iou=labels.iou,
        iou_nms=labels.iou_nms,
        quorum=labels.quorum,
        box=labels.box,
        conf_type=labels.conf_type,
        label_confidence=config.models.confidence,
        compat=labels.compat,
    )


def _rule(labels: Labels) -> InformativenessRule:
    settings, given = labels.informativeness, labels.informativeness.weights
    weights = Weights(given.entropy, given.bald, given.loc_spread)
    return InformativenessRule(settings.label, weights, settings.image, settings.top)
