"""From `[labels]` and the models to the panel that looks at frames."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

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
from gleancam_engines.picture_variants import Variant, variant
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


class Named(Protocol):
    """As much of a detector as a committee is made of; it need not be open."""

    @property
    def model_id(self) -> str:
        """As in `Detector`."""

    @property
    def class_names(self) -> tuple[str, ...]:
        """As in `Detector`."""


def make_committee(
    config: Config, manifests: Sequence[Manifest], named: Sequence[Named]
) -> Committee:
    """Return the committee, without a calibration, of models.detectors, in that order."""
    weights = _weights(manifests)
    members = (
        _member(config, name, one, weight, shown)
        for name, one, weight in zip(config.models.detectors, named, weights, strict=True)
        for shown in _variants(config, name)
    )
    return Committee(tuple(members), _ontology(config, named), _rules(config))


def make_panel(config: Config, opened: Sequence[OpenDetector]) -> Panel:
    """Put the detectors, which are in the order of models.detectors, together as configured.

    Raises:
        CalibrationError: the committee's calibration cannot be read.
    """
    voters = tuple(_voters(config, opened))
    committee = make_committee(
        config, [one.manifest for one in opened], [one.detector for one in opened]
    )
    calibration = load_calibration(Path(config.models.directory), committee)
    return Panel(voters, replace(committee, calibration=calibration), _rule(config.labels))


def make_ensemble(config: Config, panel: Panel) -> EnsembleData:
    """Return how the panel's committee is told to others."""
    return ensemble_data(panel.committee, _confidence(config), config.models.raw_confidence)


def _voters(config: Config, opened: Sequence[OpenDetector]) -> Iterator[Voter]:
    weights = _weights([one.manifest for one in opened])
    for name, one, weight in zip(config.models.detectors, opened, weights, strict=True):
        settings = _settings(config, name)
        for shown in _variants(config, name):
            yield Voter(
                _member(config, name, one.detector, weight, shown),
                one.detector,
                shown,
                None if settings.only is None else frozenset(settings.only),
                settings.timeout_s,
            )


def _settings(config: Config, name: str) -> label_keys.Member:
    return config.labels.members.get(name, label_keys.Member())


def _variants(config: Config, name: str) -> Iterator[Variant]:
    return map(variant, _settings(config, name).variants)


def _member(config: Config, name: str, one: Named, weight: float, shown: Variant) -> Member:
    weight = _settings(config, name).weight or weight
    return Member(f"{one.model_id}{shown.suffix}", one.class_names, weight)


def _weights(manifests: Sequence[Manifest]) -> list[float]:
    """Weigh by the published AP, where it is known of all."""
    known = [manifest.ap for manifest in manifests if manifest.ap is not None]
    return known if len(known) == len(manifests) else [1.0] * len(manifests)


def _ontology(config: Config, named: Sequence[Named]) -> Ontology:
    names = [_model(one) for one in named]
    confidence = _confidence(config)
    if not config.labels.ontology:
        vocabularies = [one.class_names for one in named]
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


def _model(detector: Named) -> str:
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
