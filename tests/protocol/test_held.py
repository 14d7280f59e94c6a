"""Pictures that are held: in any order of events, real parts lose nothing and double nothing.

Real are the spool, what delivery decides and does to it, and the consumer's intake. Between them is
a broker that delivers what it has in any order, again and again. Everybody crashes.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from dataclasses import replace
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from prometheus_client import CollectorRegistry

from gleancam.delivery.fetching import Fetching
from gleancam.delivery.settlement import Settlement
from gleancam.delivery.state import DeliveryState, Policy
from gleancam.metrics import Metrics
from gleancam.sinks.base import Accepted, Connected, Disconnected, Ingested, Limits, Presence
from gleancam.sinks.base import SinkEvent as Event
from gleancam.spool.queue import Spool
from gleancam.wire.command import Command
from gleancam.wire.message import Message
from gleancam.wire.parcel import messages
from gleancam.wire.picture import picture_id
from gleancam.wire.sample import sample_parcel
from gleancam_upstream.arrivals import Duplicate, Invalid, PictureArrived, SampleArrived
from gleancam_upstream.counts import Counts
from gleancam_upstream.dataset import FolderDataset
from gleancam_upstream.intake import Intake
from gleancam_upstream.received import Received
from made_samples import CONTEXT, TOPICS, made_image, made_sample

PARCELS = [
    sample_parcel(made_sample(seed), made_image(seed), replace(CONTEXT, images="held"))
    for seed in range(2)
]
NAMES = [one.parcel_id for one in PARCELS]
POLICY = Policy("ingest", 1, unacknowledged_parcels=3)
NOW_NS = 10**18
WHICH = st.integers(0, 10**6)


class Held(RuleBasedStateMachine):
    """`to_consumer` and `to_device` are what the broker keeps; nothing there is ever in order."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        root = Path(self.folder.name)
        self.path, self.dataset_path = root / "spool.db", root / "data"
        self.to_consumer: list[Message] = []
        self.to_device: list[str] = []
        self.answers: list[str] = []
        self.written: Counter[str] = Counter()
        self.asked: set[str] = set()
        self.start_device()
        self.start_consumer()
        for one in PARCELS:
            self.spool.add(one)

    def start_device(self) -> None:
        self.spool = Spool.open(self.path, 10**9, 0)
        self.state = DeliveryState(POLICY)
        self.settlement = Settlement(self.spool, POLICY, Metrics(CollectorRegistry()))
        self.hear(Connected(Limits(20, None), 1))
        self.hear(Presence(online=True))

    def start_consumer(self) -> None:
        self.dataset = FolderDataset(self.dataset_path)
        self.intake = Intake(self.dataset.seen, Counts(), self.dataset)
        self.taken: list[SampleArrived | PictureArrived] = []

    def hear(self, event: Event) -> None:
        self.settlement.add(self.state.receive(event, NOW_NS))
        self.settlement.perform()

    @rule(count=st.integers(1, 3))
    def the_device_sends(self, count: int) -> None:
        for claimed in self.spool.claim(min(count, self.state.room(NOW_NS)), NOW_NS):
            packets = messages(claimed.parcel, TOPICS, attempt=1, spooled_s=0, mqtt5=True)
            self.state.handed_over(claimed.parcel.parcel_id, len(packets))
            self.to_consumer += packets
            self.answers.append(claimed.parcel.parcel_id)

    @precondition(lambda self: self.answers)
    @rule(which=WHICH)
    def the_broker_answers(self, which: int) -> None:
        self.hear(Accepted(self.answers.pop(which % len(self.answers))))

    @rule()
    def the_connection_ends(self) -> None:
        self.answers.clear()
        self.hear(Disconnected(""))
        self.hear(Connected(Limits(20, None), 1))
        self.hear(Presence(online=True))

    @rule()
    def the_device_crashes(self) -> None:
        self.answers.clear()
        self.spool.close()
        self.start_device()

    @rule()
    def nobody_acknowledged_in_time(self) -> None:
        self.state.expired(self.spool.expire_sent(NOW_NS * 2))

    @precondition(lambda self: self.to_consumer)
    @rule(which=WHICH, again=st.booleans())
    def the_consumer_gets(self, which: int, *, again: bool) -> None:
        at = which % len(self.to_consumer)
        message = self.to_consumer[at] if again else self.to_consumer.pop(at)
        received = Received(message.topic, message.payload, message.user_properties, 1)
        for arrival in self.intake.take(received):
            assert not isinstance(arrival, Invalid), arrival
            if isinstance(arrival, Duplicate):
                self.to_device.append(arrival.parcel_id)
            if isinstance(arrival, SampleArrived | PictureArrived):
                self.taken.append(arrival)

    @precondition(lambda self: self.taken)
    @rule(acknowledges=st.booleans())
    def the_consumer_writes(self, *, acknowledges: bool) -> None:
        for parcel in self.dataset.write([self.taken.pop(0)]):
            self.written[parcel.parcel_id] += 1
            self.dataset.seen.add([parcel.parcel_id])
            self.intake.answered(parcel.parcel_id)
            if acknowledges:
                self.to_device.append(parcel.parcel_id)

    @rule()
    def the_consumer_crashes(self) -> None:
        self.dataset.__exit__()
        self.start_consumer()

    @precondition(lambda self: self.to_device)
    @rule(which=WHICH, again=st.booleans())
    def the_device_hears(self, which: int, *, again: bool) -> None:
        at = which % len(self.to_device)
        name = self.to_device[at] if again else self.to_device.pop(at)
        self.hear(Ingested((name,)))

    @rule(name=st.sampled_from(NAMES))
    def somebody_asks(self, name: str) -> None:
        fetching = Fetching(self.spool, self.settlement.perform)
        verdict = fetching.fetch(Command("fetch-sample", "a", samples=(name,)))
        here = {row.parcel_id for row in self.spool.rows(9)}
        assert (verdict.outcome == "done") == (picture_id(name) in here)
        if verdict.outcome == "done":
            self.asked.add(name)

    @invariant()
    def nothing_is_freed_that_is_not_written(self) -> None:
        here = {row.parcel_id: row for row in self.spool.rows(9)}
        for name in NAMES:
            assert name in here or self.written[name], "a manifest that nobody has"
            picture = picture_id(name)
            assert {name, picture} & here.keys() or self.written[picture], "a picture is lost"
            assert not {name, picture} <= here.keys(), "one row, one name"
            if picture in here:
                assert self.written[name], "a picture whose manifest nobody has"
                assert (here[picture].state.value == "held") == (name not in self.asked)

    @invariant()
    def nothing_is_written_twice(self) -> None:
        assert not self.written or max(self.written.values()) == 1

    def teardown(self) -> None:
        """In a calm world, whatever was asked for comes, and the rest stays."""
        for _ in range(20):
            self.the_connection_ends()
            self.nobody_acknowledged_in_time()
            self.the_device_sends(3)
            while self.answers:
                self.the_broker_answers(0)
            while self.to_consumer:
                self.the_consumer_gets(0, again=False)
            while self.taken:
                self.the_consumer_writes(acknowledges=True)
            while self.to_device:
                self.the_device_hears(0, again=False)
        here = {row.parcel_id: row.state.value for row in self.spool.rows(9)}
        held = {picture_id(name): "held" for name in NAMES if name not in self.asked}
        assert here == held
        assert set(self.written) == {*NAMES, *(picture_id(name) for name in self.asked)}
        self.dataset.__exit__()
        self.spool.close()
        self.folder.cleanup()


TestHeld = Held.TestCase
TestHeld.settings = settings(max_examples=25, stateful_step_count=40, deadline=None)
