"""What makes a committee this one and no other: its members, rules and ontology; not its curves."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import asdict, replace

import msgspec

from gleancam_engines.voting.committee import Committee, Rules
from gleancam_engines.voting.ontology import CanonicalClass, Source


class MemberIdentity(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A voter. Its id tells its model by hash, and so its vocabulary."""

    id: str
    weight: float


class CommitteeIdentity(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that a fused score depends on besides the boxes; in an order of its own."""

    members: tuple[MemberIdentity, ...]
    rules: Rules
    classes: tuple[CanonicalClass, ...]

    @property
    def digest(self) -> str:
        """First 16 hex digits of the SHA-256 of its JSON; independent of order."""
        return hashlib.sha256(msgspec.json.encode(self)).hexdigest()[:16]

    def differences(self, other: CommitteeIdentity) -> Iterator[str]:
        """Yield in words what this one has that `other` has not, and the reverse."""
        mine = {f"{one.id} of weight {one.weight}" for one in self.members}
        theirs = {f"{one.id} of weight {one.weight}" for one in other.members}
        yield from (f"it has the member {one}" for one in sorted(mine - theirs))
        yield from (f"it lacks the member {one}" for one in sorted(theirs - mine))
        ours = asdict(self.rules)
        for name, value in asdict(other.rules).items():
            if ours[name] != value:
                yield f"its {name} is {ours[name]!r}, not {value!r}"
        changed = set(self.classes) ^ set(other.classes)
        if changed:
            yield f"it maps other names to {', '.join(sorted({one.name for one in changed}))}"


def identity(committee: Committee) -> CommitteeIdentity:
    """Return what makes this committee; a default and the same number written out are one."""
    rules = committee.rules
    return CommitteeIdentity(
        tuple(
            MemberIdentity(one.member_id, float(one.weight))
            for one in sorted(committee.members, key=lambda member: member.member_id)
        ),
        replace(rules, iou=float(rules.overlap), iou_nms=float(rules.iou_nms)),
        tuple(
            CanonicalClass(one.name, _ordered(one.sources), float(one.confidence))
            for one in sorted(committee.ontology.classes, key=lambda one: one.name)
        ),
    )


def committee_digest(committee: Committee) -> str:
    """Return the name of a committee: 16 hex digits."""
    return identity(committee).digest


def _ordered(sources: tuple[Source, ...]) -> tuple[Source, ...]:
    return tuple(sorted(sources, key=lambda source: (source.model, source.name)))
