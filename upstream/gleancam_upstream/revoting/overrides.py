"""What of a committee's settings is to be another, before the vote is taken again."""

from __future__ import annotations

from dataclasses import dataclass

from msgspec.structs import replace

from gleancam.wire.ensemble import committee_of
from gleancam.wire.ensemble_data import ClassData, EnsembleData, MemberData, RulesData
from gleancam_engines.committee_identity import committee_digest
from gleancam_engines.voting.committee import Committee, Rules, Strategy
from gleancam_upstream.errors import RevoteError
from gleancam_upstream.revoting.asked_ontology import AskedClass, asked_classes


@dataclass(frozen=True, slots=True)
class Overrides:
    """None, or empty: as the manifest says.

    Attributes:
        iou: overlap above which two boxes show one object, 0…1.
        quorum: votes that strategy `quorum` wants.
        confidence: from which boxes of every class vote, 0…1.
        label_confidence: of the best box of a label, 0…1.
        ontology: canonical classes.
        only: member ids, or names of models with all their variants.
    """

    strategy: Strategy | None = None
    iou: float | None = None
    quorum: int | None = None
    confidence: float | None = None
    label_confidence: float | None = None
    ontology: tuple[AskedClass, ...] = ()
    only: tuple[str, ...] = ()

    def applied(self, ensemble: EnsembleData) -> EnsembleData:
        """Return the settings of the vote to be taken.

        A calibration is for one committee alone: of another it would be wrong, so it goes.

        Raises:
            RevoteError: they do not fit this ensemble.
            WireError: the manifest does not say how was voted.
        """
        if self == AS_IT_WAS:
            return ensemble
        before = committee_of(ensemble)
        rules = self._rules(ensemble.rules or RulesData())
        confidence = self._confidence(ensemble, rules)
        asked = replace(
            ensemble,
            strategy=rules.strategy,
            rules=rules,
            members=self._members(ensemble),
            ontology=self._ontology(ensemble, before, confidence),
            confidence=confidence,
        )
        asked = replace(asked, models=tuple(member.id for member in asked.members))
        after = committee_of(asked)
        _check_evidence(after, ensemble.raw_confidence)
        same = committee_digest(after) == committee_digest(before)
        return asked if same else replace(asked, calibration=None)

    def _rules(self, rules: RulesData) -> RulesData:
        strategy = rules.strategy if self.strategy is None else self.strategy
        if self.quorum is not None and strategy != "quorum":
            raise RevoteError(
                f"--quorum {self.quorum} says nothing about strategy {strategy}",
                cure="add --strategy quorum",
            )
        # Another strategy has another overlap of its own, unless one is named.
        iou = rules.iou if self.strategy in {None, rules.strategy} else None
        return replace(
            rules,
            strategy=strategy,
            iou=iou if self.iou is None else self.iou,
            quorum=rules.quorum if self.quorum is None else self.quorum,
            label_confidence=(
                rules.label_confidence if self.label_confidence is None else self.label_confidence
            ),
            compat="" if self.strategy is not None else rules.compat,
        )

    def _members(self, ensemble: EnsembleData) -> tuple[MemberData, ...]:
        wanted = set(self.only)
        if not wanted:
            return ensemble.members
        found = tuple(
            one for one in ensemble.members if wanted & {one.id, one.id.partition("@")[0]}
        )
        met = {name for one in found for name in (one.id, one.id.partition("@")[0])}
        if missing := sorted(wanted - met):
            known = ", ".join(one.id for one in ensemble.members)
            raise RevoteError(f"there is no member {', '.join(missing)}", cure=f"there are {known}")
        return found

    def _confidence(self, ensemble: EnsembleData, rules: RulesData) -> float:
        """Give that of classes that do not say otherwise; another strategy has one of its own."""
        if self.confidence is not None:
            return self.confidence
        if self.strategy in {None, (ensemble.rules or RulesData()).strategy}:
            return ensemble.confidence
        return Rules(rules.strategy, label_confidence=rules.label_confidence).vote_confidence(
            ensemble.raw_confidence
        )

    def _ontology(
        self, ensemble: EnsembleData, before: Committee, confidence: float
    ) -> tuple[ClassData, ...] | None:
        asked, default = self.confidence is not None, ensemble.confidence
        if self.ontology:
            classes = asked_classes(self.ontology, before.members, confidence)
            return (
                tuple(replace(one, confidence=confidence) for one in classes) if asked else classes
            )
        if ensemble.ontology is None:
            return None
        return tuple(
            replace(one, confidence=confidence) if asked or one.confidence == default else one
            for one in ensemble.ontology
        )


def _check_evidence(committee: Committee, raw_confidence: float) -> None:
    for one in committee.ontology.classes:
        if one.confidence < raw_confidence:
            raise RevoteError(
                f"confidence {one.confidence} of class {one.name}: boxes below {raw_confidence} "
                "are not in the evidence",
                cure=f"ask for {raw_confidence} or more",
            )


AS_IT_WAS = Overrides()
