"""A consumer that answers what it gets late, twice, wrongly, with a refusal or never.

In the end it answers everything promptly: whatever it did before, all of it must come to an end.
"""

from __future__ import annotations

import random
import threading
import time
from contextlib import closing

from chaos.place import Place
from gleancam.wire.ack import Rejection, ack_message
from gleancam.wire.message import Message
from gleancam.wire.topics import Topics
from gleancam_upstream.arrivals import EventArrived, SampleArrived
from gleancam_upstream.broker import Broker
from gleancam_upstream.consume import Consumer
from gleancam_upstream.dataset import FolderDataset

WAYS = ("promptly", "late", "twice", "wrongly", "refused", "never")
LATE_S = 4.0
"""Longer than the daemon waits before it sends again."""

LIFE_S = 5.0


class OddConsumer:
    """Chooses a way for every parcel by chance; what it never answers comes again, and again."""

    def __init__(self, place: Place, rng: random.Random) -> None:
        self._place, self._rng = place, rng
        self._ways: tuple[str, ...] = WAYS
        self._stop = threading.Event()
        self._late: list[tuple[float, SampleArrived | EventArrived]] = []
        self._thread = threading.Thread(target=self._run)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def come_to_its_senses(self) -> None:
        """From now on it answers promptly.

        The daemon asks half as often every time. Left to chance, one parcel in some hundreds
        would go unanswered until nobody could wait for the next time.
        """
        self._ways = ("promptly",)

    def close(self) -> None:
        """End it."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        broker = Broker("127.0.0.1", self._place.broker.port)
        with FolderDataset(self._place.out) as dataset:
            while not self._stop.is_set():
                with Consumer(broker, site="yard", consumer="odd", seen=dataset.seen) as consumer:
                    self._live(consumer, dataset)
                    counts = consumer.counts.duplicates
                    self._place.duplicates += counts["sample"] + counts["event"]

    def _live(self, consumer: Consumer, dataset: FolderDataset) -> None:
        """Only another life is handed again what this one left unanswered."""
        until = time.monotonic() + LIFE_S
        while not self._stop.is_set() and time.monotonic() < until:
            for arrival in consumer.receive(0.05):
                if isinstance(arrival, SampleArrived | EventArrived):
                    self._take(consumer, dataset, arrival)
            self._answer_late(consumer)

    def _take(
        self, consumer: Consumer, dataset: FolderDataset, one: SampleArrived | EventArrived
    ) -> None:
        way = self._rng.choice(self._ways)
        if way == "refused" and isinstance(one, SampleArrived):
            consumer.reject(one, "this consumer is odd")
            return
        if way == "never":  # this time: it was not written, so it must come again
            return
        if one.parcel_id in {late.parcel_id for _, late in self._late}:
            return  # written, and still to be answered
        dataset.write([one])
        if way == "late":
            self._late.append((time.monotonic() + LATE_S, one))
            return
        if way == "wrongly":
            for message in _wrong(one.address.topics):
                consumer._connection.publish(message)
        consumer.ack(one)
        if way == "twice":
            consumer.ack(one)

    def _answer_late(self, consumer: Consumer) -> None:
        due = [one for at, one in self._late if at <= time.monotonic()]
        self._late = [(at, one) for at, one in self._late if at > time.monotonic()]
        consumer.ack(*due)


def run(place: Place, rng: random.Random, strength: int) -> None:
    place.broker.start()
    with closing(OddConsumer(place, rng)) as odd:
        odd.start()
        place.start_daemon()
        place.wait_for_more()
        for _ in range(strength):
            place.watch(1)
            place.note_flat()
        odd.come_to_its_senses()
        place.end_daemon()


def _wrong(topics: Topics) -> list[Message]:
    """Ids of nobody, of another device, and bytes that are no acknowledgement."""
    other = Topics(topics.prefix, topics.site, "d-2")
    nobody = ("0190f3c4-0000-7000-8000-000000000000",)
    good = ack_message(topics, nobody, (Rejection(nobody[0], "nobody's"),))
    return [
        good,
        ack_message(other, nobody),
        Message(good.topic, b'{"ids": [1, {}]}'),
        Message(good.topic, b"\xff\x00"),
    ]
