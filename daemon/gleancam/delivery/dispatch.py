"""What is claimed from the spool becomes messages, and goes to the sink."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from gleancam.delivery.actions import GiveBack
from gleancam.delivery.bandwidth import Bandwidth
from gleancam.delivery.settlement import Settlement
from gleancam.delivery.state import DeliveryState
from gleancam.errors import SinkError
from gleancam.metrics import Metrics
from gleancam.sinks.base import Sink
from gleancam.spool.claims import Claimed
from gleancam.wire.error import WireError
from gleancam.wire.parcel import Parcel, messages
from gleancam.wire.topics import Topics


@dataclass(frozen=True, slots=True)
class Route:
    """How parcels become messages.

    Attributes:
        mqtt5: CloudEvents in binary mode, else structured JSON.
        image_limit_bytes: larger images are made smaller before they are sent; the broker may want
            them smaller still.
        drain_s: at the end, how long to go on sending and waiting for acknowledgements.
    """

    topics: Topics
    mqtt5: bool
    image_limit_bytes: int
    drain_s: float = 5.0


AROUND_BYTES = 4096
"""What a packet is given for topic, properties and header beside its picture."""


class Dispatch:
    """Belongs to the delivery stage."""

    def __init__(
        self,
        sink: Sink,
        route: Route,
        state: DeliveryState,
        settlement: Settlement,
        metrics: Metrics,
        bandwidth: Bandwidth | None,
    ) -> None:
        self._sink = sink
        self._route = route
        self._state = state
        self._settlement = settlement
        self._metrics = metrics
        self._bandwidth = bandwidth
        self._sent = self._sent_bytes = 0

    def send(self, claimed: deque[Claimed], *, again: bool) -> None:
        """Send until the sink takes no more; what is left, for whatever reason, is given back.

        `again`: these were set back before.
        """
        try:
            while claimed and self._send_one(claimed[0], again=again):
                claimed.popleft()
        finally:
            self._count_sent()
            if claimed:
                left = tuple(one.parcel.parcel_id for one in claimed)
                self._settlement.add((GiveBack(left),))

    def _send_one(self, claimed: Claimed, *, again: bool) -> bool:
        """Send one parcel; False when the sink takes nothing more."""
        if claimed.damage:
            why = f"damaged on the device's disk: {claimed.damage}"
            self._settlement.bury(claimed.parcel.parcel_id, why)
            return True
        parcel = claimed.parcel
        if not _is_promised(claimed):
            fitted = self._settlement.fitted(parcel, self._largest_picture_bytes(parcel))
            if fitted is None:
                return True
            parcel = fitted
        try:
            return self._hand_over(parcel, claimed, again=again)
        except WireError as error:
            self._settlement.bury(parcel.parcel_id, str(error))
            return True

    def _hand_over(self, parcel: Parcel, claimed: Claimed, *, again: bool) -> bool:
        topics, mqtt5 = self._route.topics, self._route.mqtt5
        packets = messages(
            parcel, topics, attempt=claimed.attempt, spooled_s=claimed.spooled_s, mqtt5=mqtt5
        )
        if self._bandwidth is not None:
            self._bandwidth.secure(packets)
        self._state.handed_over(parcel.parcel_id, len(packets), again=again)
        try:
            self._sink.send(parcel.parcel_id, packets)
        except SinkError:
            self._state.not_handed_over(parcel.parcel_id)
            return False
        if self._bandwidth is not None:
            self._bandwidth.spend(packets, bulk=claimed.bulk)
        self._sent += 1
        self._sent_bytes += sum(len(packet.payload) for packet in packets)
        return True

    def _largest_picture_bytes(self, parcel: Parcel) -> int:
        """Of what goes now the sink says when the broker wants less; what is held goes later."""
        limit, packet = self._route.image_limit_bytes, self._state.limits.maximum_packet_bytes
        if parcel.kind != "manifest" or packet is None:
            return limit
        return min(limit, max(0, packet - AROUND_BYTES))

    def _count_sent(self) -> None:
        if self._sent:
            self._metrics.inc("delivery_parcels", self._sent, outcome="sent")
            self._metrics.inc("delivery_bytes", self._sent_bytes)
            self._sent = self._sent_bytes = 0


def _is_promised(claimed: Claimed) -> bool:
    """Whether a consumer may have a manifest with this picture's hash: then it stays as it is."""
    kind = claimed.parcel.kind
    return kind == "picture" or (kind == "manifest" and claimed.attempt > 1)
