"""Every state a model can reach, breadth first, so that the trace of a violation is a shortest one.

A model says where it begins, what may happen next, and what is wrong with a state. Steps that are
no faults are calm; in a calm world only the first of them is taken (a fair scheduler is the
model's order of steps), and from every state that has to lead to a state that is settled.
"""

from __future__ import annotations

from array import array
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Generic, NamedTuple, Protocol, TypeVar

S = TypeVar("S", bound=Hashable)

NOWHERE = -1


class Step(NamedTuple, Generic[S]):
    """What may happen, and what is then."""

    label: str
    state: S
    calm: bool


class Model(Protocol[S]):
    def initial(self) -> S:
        """Return where everything begins."""

    def steps(self, state: S) -> Iterable[Step[S]]:
        """Return what may happen, in a fixed order."""

    def wrong(self, state: S) -> str:
        """Return which law is broken here; empty when none is."""

    def unsettled(self, state: S) -> str:
        """Return what is still owed when nothing more happens; empty when nothing is."""

    def turning(self, state: S) -> str:
        """Return what is wrong when a calm world comes back here for ever; empty when nothing."""


@dataclass(frozen=True)
class Violation:
    """A broken law and the shortest way to it."""

    law: str
    trace: tuple[str, ...]

    def __str__(self) -> str:
        return "\n".join((self.law, *(f"  {at}. {what}" for at, what in enumerate(self.trace, 1))))


@dataclass(frozen=True)
class Exploration(Generic[S]):
    states: int
    transitions: int
    deepest: int
    violation: Violation | None
    reached: tuple[S, ...]


class Explorer(Generic[S]):
    """One exploration. `most` bounds the states: a model that is larger than that is an error."""

    def __init__(self, model: Model[S], most: int) -> None:
        self._model, self._most = model, most
        self._number: dict[S, int] = {}
        self._states: list[S] = []
        self._parent = array("q")
        self._depth = array("q")
        self._label: list[str] = []
        self._calm = array("q")
        self._transitions = 0

    def run(self) -> Exploration[S]:
        """Explore everything, or up to the first violation."""
        self._reach(self._model.initial(), NOWHERE, "")
        violation = self._breadth_first() or self._calmly()
        return Exploration(
            len(self._states),
            self._transitions,
            max(self._depth),
            violation,
            tuple(self._states),
        )

    def _breadth_first(self) -> Violation | None:
        at = 0
        while at < len(self._states):
            if law := self._model.wrong(self._states[at]):
                return Violation(law, self._trace(at))
            self._calm.append(self._expand(at))
            at += 1
        return None

    def _expand(self, at: int) -> int:
        """Reach what follows; return the state to which a calm world goes on."""
        calm = NOWHERE
        for label, state, is_calm in self._model.steps(self._states[at]):
            self._transitions += 1
            number = self._reach(state, at, label)
            if is_calm and calm == NOWHERE and number != at:
                calm = number
        return calm

    def _reach(self, state: S, parent: int, label: str) -> int:
        number = self._number.setdefault(state, len(self._states))
        if number == len(self._states):
            if number >= self._most:
                raise AssertionError(f"more than {self._most} states: bound the model")
            self._states.append(state)
            self._parent.append(parent)
            self._depth.append(0 if parent == NOWHERE else self._depth[parent] + 1)
            self._label.append(label)
        return number

    def _calmly(self) -> Violation | None:
        """From every state, follow the calm world to its end, which has to owe nothing."""
        fine = bytearray(len(self._states))
        for start in range(len(self._states)):
            path: dict[int, None] = {}
            at = start
            while at != NOWHERE and not fine[at]:
                if at in path:
                    break
                path[at] = None
                at = self._calm[at]
            if at in path:
                if wrong := self._turning([*path], at):
                    return self._stuck(start, [*path, at], wrong)
            elif at == NOWHERE and path:
                last = next(reversed(path))
                owed = self._model.unsettled(self._states[last])
                if owed:
                    return self._stuck(start, [*path], owed)
            for one in path:
                fine[one] = 1
        return None

    def _turning(self, path: list[int], back_at: int) -> str:
        """Return what is wrong with the end of a path that comes back to itself."""
        circle = path[path.index(back_at) :]
        return next(filter(None, (self._model.turning(self._states[one]) for one in circle)), "")

    def _stuck(self, start: int, path: list[int], owed: str) -> Violation:
        after = tuple(f"calm: {self._between(one, self._calm[one])}" for one in path[:-1])
        return Violation(owed, self._trace(start) + after)

    def _between(self, at: int, after: int) -> str:
        steps = self._model.steps(self._states[at])
        return next(step.label for step in steps if step.state == self._states[after])

    def _trace(self, at: int) -> tuple[str, ...]:
        labels = []
        while self._parent[at] != NOWHERE:
            labels.append(self._label[at])
            at = self._parent[at]
        return tuple(reversed(labels))


def explore(model: Model[S], most: int = 2_000_000) -> Exploration[S]:
    """Reach every state of `model`.

    Raises:
        AssertionError: there are more than `most`.
    """
    return Explorer(model, most).run()
