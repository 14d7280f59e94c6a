"""The pasts of all cameras: which one a camera is compared with, and what of them is stored.

Rows are named `<root>/<scope>/<space>/<part>`, the scope being `site`, `camera/<id>` or, of what is
near to a tag, `camera/<id>/near/<tag>`. A space that is no longer used is set aside, one a scope,
so that going back to the last embedder finds its past again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import msgspec

from gleancam.config.selection_keys import Near, Novelty
from gleancam.selectors.observation import Observation
from gleancam.selectors.past import Past
from gleancam.selectors.past_store import Stored, StoredPast
from gleancam.types import Note

_SITE = "site"
_WHOLE = "memory"
"""Root of what is remembered of whole frames."""
_SITE_SHARE = 0.5
"""Of the threshold, for what other cameras sent, in scope `both`."""
_TAG_CAPACITY = 256
"""Centres of a tag at a camera: of one thing, so fewer than of everything."""


@dataclass(frozen=True, slots=True)
class MemoryFacts:
    """One memory in numbers.

    Attributes:
        memory: `site`, or `camera/` and the camera's id; behind `regions/` where it is of regions.
        sent: centres that were sent.
        radius: of the centres, a cosine distance.
        epoch: counts up whenever the memory begins anew.
    """

    memory: str
    centres: int
    sent: int
    seen: int
    radius: float
    epoch: int


class Memories:
    """A past for every camera, for the site, or both.

    In scope `both` a frame has to be novel to its own camera, and to the site at half the
    threshold: what another camera sent suppresses only what is nearly the same.

    Attributes:
        reports: what a person should know of how the stored rows were taken over.

    Args:
        notes: all rows that were stored, in any order; others' are passed over.
        root: what the names of its rows begin with.
        near: tags, which have pasts of their own at the cameras where they count.
    """

    def __init__(
        self,
        settings: Novelty,
        camera_ids: Sequence[str],
        space_id: str,
        notes: Iterable[Note],
        root: str = _WHOLE,
        near: Sequence[Near] = (),
    ) -> None:
        self.reports: list[str] = []
        self._root = root
        self._scope = settings.scope
        self._space_id = space_id
        stored = _by_scope(notes, f"{root}/")
        scopes = [] if settings.scope == "site" else [f"camera/{each}" for each in camera_ids]
        if settings.scope != "camera":
            scopes.append(_SITE)
        self._settings = dict.fromkeys(scopes, settings) | _of_tags(settings, camera_ids, near)
        self._pasts = {scope: self._open(scope, stored.get(scope, {})) for scope in self._settings}

    def of(self, camera_id: str) -> tuple[Past, ...]:
        """Everything one camera's frames are compared with, its own past first."""
        own = (f"camera/{camera_id}", _SITE)
        return tuple(self._pasts[scope].past for scope in own if scope in self._pasts)

    def foresee(self, observations: Sequence[Observation]) -> None:
        """Be shown these next, as a replay knows them: nothing changes but the time it takes."""
        for scope, one in self._pasts.items():
            shown = (each for each in observations if scope in {_SITE, f"camera/{each.camera_id}"})
            one.past.foresee([each.embedding for each in shown])

    def near(self, camera_id: str) -> dict[str, Past]:
        """Pasts of the tags that count at a camera, by tag."""
        root = _tag_scope(camera_id, "")
        return {
            scope.removeprefix(root): one.past
            for scope, one in self._pasts.items()
            if scope.startswith(root)
        }

    def drain(self) -> tuple[Note, ...]:
        """What changed since the last call; all of it or nothing has to be stored."""
        return tuple(note for one in self._pasts.values() for note in one.drain())

    def facts(self) -> list[MemoryFacts]:
        """Every memory in numbers."""
        root = "" if self._root == _WHOLE else f"{self._root}/"
        return [_facts(f"{root}{scope}", one) for scope, one in self._pasts.items()]

    def _open(self, scope: str, spaces: dict[str, Stored]) -> StoredPast:
        own = spaces.pop(self._space_id, None)
        others = {space: _epoch(stored) for space, stored in spaces.items()}
        one = self._new(scope, max(others.values(), default=0) + 1)
        if own is not None:
            one = self._restored(scope, one, own)
        if others:
            self._set_aside(scope, one, spaces, others, anew=own is None)
        return one

    def _restored(self, scope: str, empty: StoredPast, own: Stored) -> StoredPast:
        one = self._new(scope, max(empty.epoch, _epoch(own)))
        try:
            if not one.restore(own):
                one.epoch += 1
                self.reports.append(f"{scope}: settings changed: what is remembered was re-sorted")
        except ValueError as error:
            one = self._new(scope, one.epoch + 1)
            one.forget_stored(own, one.prefix)
            self.reports.append(f"{scope}: what was remembered cannot be read: {error}")
        return one

    def _set_aside(
        self,
        scope: str,
        one: StoredPast,
        spaces: dict[str, Stored],
        epochs: dict[str, int],
        *,
        anew: bool,
    ) -> None:
        """Keep the latest of the other spaces, delete the rest."""
        latest = max(epochs, key=lambda space: epochs[space])
        for space, stored in spaces.items():
            if space != latest:
                one.forget_stored(stored, f"{self._root}/{scope}/{space}")
        if anew:
            self.reports.append(
                f"{scope}: another embedder: epoch {one.epoch} begins, what was remembered in "
                f"space {latest} is set aside"
            )

    def _new(self, scope: str, epoch: int) -> StoredPast:
        settings = self._settings[scope]
        past = Past(settings, _SITE_SHARE if self._scope == "both" and scope == _SITE else 1.0)
        return StoredPast(past, f"{self._root}/{scope}/{self._space_id}", settings, epoch)


def _of_tags(
    settings: Novelty, camera_ids: Sequence[str], near: Sequence[Near]
) -> dict[str, Novelty]:
    """Give the settings of the pasts of tags, by scope."""
    return {
        _tag_scope(camera_id, each.tag): msgspec.structs.replace(
            settings,
            threshold=each.min_distance,
            capacity=min(_TAG_CAPACITY, settings.capacity),
        )
        for camera_id in camera_ids
        for each in near
        if each.cameras is None or camera_id in each.cameras
    }


def _tag_scope(camera_id: str, tag: str) -> str:
    return f"camera/{camera_id}/near/{tag}"


def _by_scope(notes: Iterable[Note], root: str) -> dict[str, dict[str, Stored]]:
    """Sort rows by scope and space."""
    found: dict[str, dict[str, Stored]] = {}
    for name, key, content in notes:
        if name.startswith(root) and content is not None:
            scope, space, part = name.removeprefix(root).rsplit("/", 2)
            found.setdefault(scope, {}).setdefault(space, Stored()).add(part, key, content)
    return found


def _epoch(stored: Stored) -> int:
    """Give the epoch of stored rows; 0 when they do not say."""
    try:
        return stored.state.epoch
    except ValueError:
        return 0


def _facts(scope: str, one: StoredPast) -> MemoryFacts:
    centres = one.past.centres
    return MemoryFacts(
        scope, len(centres), centres.sent, len(one.past.seen), centres.radius, one.epoch
    )
