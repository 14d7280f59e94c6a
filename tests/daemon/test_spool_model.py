"""The spool against a model of it: any order of calls, restarts included."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from gleancam.spool.queue import Spool
from gleancam.spool.states import MOVES, Action, State
from parcels import made_parcel

NUMBERS = st.integers(0, 7)
SOME = st.lists(NUMBERS, max_size=4)


def name(number: int) -> str:
    return f"parcel-{number}"


class SpoolMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.spool = self.open()
        self.model: dict[str, State] = {}
        self.ever_gone: set[str] = set()

    def open(self) -> Spool:
        return Spool.open(Path(self.folder.name) / "spool.db", 10**9, 0)

    def move(self, names: list[str], action: Action) -> set[str]:
        row = MOVES[action]
        moved = {one for one in names if self.model.get(one) in row.origins}
        for one in moved:
            self.model[one] = row.to
        return moved

    @rule(number=NUMBERS)
    def add(self, number: int) -> None:
        assert self.spool.add(made_parcel(number, image_bytes=50)) == ()
        self.model.setdefault(name(number), State.READY)

    @rule(limit=st.integers(1, 4))
    def claim(self, limit: int) -> None:
        ready = [one for one, state in self.model.items() if state is State.READY]
        claimed = [one.parcel.parcel_id for one in self.spool.claim(limit, 10**9)]
        assert len(claimed) == min(limit, len(ready))
        assert self.move(claimed, Action.CLAIM) == set(claimed) <= set(ready)

    @rule(numbers=SOME)
    def sent(self, numbers: list[int]) -> None:
        names = [name(number) for number in numbers]
        self.spool.sent(names, 0, 10)
        self.move(names, Action.ACCEPT)

    @rule(numbers=SOME)
    def release(self, numbers: list[int]) -> None:
        names = [name(number) for number in numbers]
        self.spool.release(names)
        self.move(names, Action.RELEASE)

    @rule(numbers=SOME)
    def delay(self, numbers: list[int]) -> None:
        names = [name(number) for number in numbers]
        self.spool.delay(names, 0, 1)
        self.move(names, Action.POSTPONE)

    @rule(number=NUMBERS)
    def dead(self, number: int) -> None:
        moved = self.move([name(number)], Action.BURY)
        assert self.spool.dead(name(number), "why") == bool(moved)

    @rule(numbers=SOME)
    def gone(self, numbers: list[int]) -> None:
        names = [name(number) for number in numbers]
        undelivered = {one for one in names if self.model.get(one) not in {None, State.DEAD}}
        assert {one.parcel_id for one in self.spool.gone(names)} == undelivered
        for one in undelivered:
            del self.model[one]

    @rule()
    def expire(self) -> None:
        late = {one for one, state in self.model.items() if state is State.SENT}
        assert set(self.spool.expire_sent(10**13)) == late
        self.move(list(late), Action.OVERDUE)

    @rule()
    def lose_session(self) -> None:
        lost = [one for one, state in self.model.items() if state is State.INFLIGHT]
        assert self.spool.reset_in_flight() == len(lost)
        self.move(lost, Action.DISCONNECT)

    @precondition(lambda self: self.model)
    @rule()
    def restart(self) -> None:
        self.spool.close()
        self.spool = self.open()
        self.move(list(self.model), Action.RESTART)

    @invariant()
    def holds_what_the_model_holds(self) -> None:
        rows = {row.parcel_id: row.state for row in self.spool.rows(100)}
        assert rows == self.model
        count = self.spool._store.connection.execute("SELECT count(*) FROM bodies").fetchone()[0]
        assert count == len(rows), "a body without a row, or a row without a body"

    def teardown(self) -> None:
        self.spool.close()
        self.folder.cleanup()


TestSpool = SpoolMachine.TestCase
TestSpool.settings = settings(max_examples=25, stateful_step_count=30, deadline=None)
