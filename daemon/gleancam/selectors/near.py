"""Near: keep what resembles texts or example pictures, and was not sent before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gleancam.config.selection_keys import Near
from gleancam.selectors.observation import Observation
from gleancam.selectors.past import Past
from gleancam.types import Decision, Reason
from gleancam_engines.planes import Float32Array


@dataclass(frozen=True, slots=True, eq=False)
class NearTag:
    """One thing that frames may be near to, at one camera.

    Attributes:
        vectors: `(C, D)` float32, L2 norm 1: any of them will do.
        threshold: cosine similarity from which a frame is near.
        past: of frames near to it; its threshold is how far a frame must lie from what was sent.
    """

    name: str
    vectors: Float32Array
    threshold: float
    past: Past

    def similarity(self, observation: Observation) -> float:
        """Cosine to the nearest prototype; 0 where that is less."""
        return max(0.0, float((self.vectors @ observation.embedding).max()))

    def is_near(self, observation: Observation) -> bool:
        """Whether a frame that shows something is near."""
        return not observation.featureless and self.similarity(observation) >= self.threshold


class NearSelector:
    """Keeps frames near to a tag that differ from all that was sent.

    A frame is near when its cosine similarity to one of the tag's prototypes is at least the tag's
    threshold. What stands before a camera all day is near all day; so a near frame must also be
    new, by the rule of novelty (`novelty.py`) with a distance of the tag's own, d, mostly finer:

    - its distance to every frame near to the tag that was sent, for whatever reason, is at least d,
      and to what was seen of them some seconds ago at least d/2;
    - its distance to every centre that the camera's own past holds of what it sent is at least d.

    The past of a tag is bounded and forgets as the camera's does. A featureless picture is never
    near: its embedding is that of noise. A near frame that was not sent suppresses nothing.

    A kept frame's score is the similarity, held against the tag's threshold; budgets and eviction
    go by its novelty, which the policy measures. Of several tags, the one whose threshold
    is exceeded most gives its name.

    Args:
        past: the camera's own.
        tags: at least one, of different names.
    """

    reason = Reason.NEAR

    def __init__(self, policy_id: str, past: Past, tags: Sequence[NearTag]) -> None:
        if not tags:
            raise ValueError("near needs a tag to compare with")
        self._policy_id = policy_id
        self._past = past
        self._tags = tuple(tags)

    def want(self, floor: float) -> None:
        """Demand more than `floor`, the camera's noise, of every distance."""
        for tag in self._tags:
            tag.past.want(floor)

    def decide(self, observation: Observation) -> Decision:
        """Judge one frame."""
        decisions = [self._judge(tag, observation) for tag in self._tags]
        return max(decisions, key=lambda each: (each.keep, each.score - each.threshold))

    def learn(self, observation: Observation, kept_id: str | None) -> None:
        """Remember a near frame, and whether it was kept."""
        for tag in self._tags:
            if tag.is_near(observation):
                tag.past.learn(observation, kept_id)

    def _judge(self, tag: NearTag, observation: Observation) -> Decision:
        """Decide by one tag; what was refused carries the score that refused it."""
        likeness = tag.past.look(observation)
        sent, sent_id = self._past.centres.nearest_sent(observation.embedding)
        new = min(likeness.score, sent)
        nearest_id = sent_id if sent < likeness.distance else likeness.nearest_id
        score, threshold = tag.similarity(observation), tag.threshold
        keep = score >= threshold and new >= tag.past.threshold
        if score >= threshold and not keep:
            score, threshold = new, tag.past.threshold
        return Decision(
            keep=keep,
            reason=Reason.NEAR if keep else Reason.REDUNDANT,
            score=score,
            threshold=threshold,
            policy_id=self._policy_id,
            nearest_id=nearest_id,
            tag=tag.name,
        )


def near_selector(
    policy_id: str,
    near: Sequence[Near],
    vectors: Mapping[str, Float32Array],
    past: Past,
    tag_pasts: Mapping[str, Past],
) -> NearSelector | None:
    """Make the selector of one camera; None where no tag counts there.

    Args:
        policy_id: written into every decision.
        near: as configured.
        vectors: of every tag.
        past: the camera's own.
        tag_pasts: of the tags that count at this camera.
    """
    tags = [
        NearTag(each.tag, vectors[each.tag], each.threshold, tag_pasts[each.tag])
        for each in near
        if each.tag in tag_pasts
    ]
    return NearSelector(policy_id, past, tags) if tags else None
