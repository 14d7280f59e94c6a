"""paho's client with fewer steps a publication. Imports paho: import this file lazily.

What paho does for every message and its answer took longer than the network: an account of what is
unanswered, which `Session` has already, with a lock each; tables of property names made anew; three
system calls an answer, at each of which the other threads may run first. What is replaced here
stands beside paho's own in the tests.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from paho.mqtt.client import Client, MQTTv5
from paho.mqtt.enums import MQTTErrorCode

from gleancam.sinks.packed_properties import packed_properties, variable_integer
from gleancam.sinks.puback import SUCCESS
from gleancam.wire.message import Message

READ_BYTES = 4096
"""A thousand answers, more than are ever due."""
OnAnswer: TypeAlias = "Callable[[int, int], None]"
PUBLISH, QOS_1, RETAIN = 0x30, 0x02, 0x01
PACKET_ID_BYTES = 2


class QuickClient(Client):
    """Publishes at QoS 1 without keeping account, and reads the network in larger pieces.

    Args of the constructor, besides paho's:
        on_answer: takes packet id and reason code of a PUBACK.
    """

    def __init__(self, *args: Any, on_answer: OnAnswer, **options: Any) -> None:
        super().__init__(*args, **options)
        self._on_answer = on_answer
        self._unread = memoryview(b"")

    def publish_once(self, message: Message) -> int:
        """Send or queue one publication of QoS 1; return the packet id that its answer will carry.

        `Session` knows what is unanswered, and the spool sends again: so paho need not.
        """
        packet_id = self._mid_generate()
        properties = packed_properties(message) if self._protocol is MQTTv5 else b""
        packet = publication(message, packet_id, properties)
        self._packet_queue(PUBLISH, packet, packet_id, 1)
        return packet_id

    def read(self) -> None:
        """Deal with all that the network brought."""
        self.loop_read()
        while self._unread and self.socket() is not None:
            self.loop_read()

    def _sock_recv(self, bufsize: int) -> bytes:
        if not self._unread:
            found = super()._sock_recv(max(bufsize, READ_BYTES))
            if len(found) <= bufsize:
                return found
            self._unread = memoryview(found)
        taken, self._unread = bytes(self._unread[:bufsize]), self._unread[bufsize:]
        return taken

    def _handle_pubackcomp(self, cmd: Any) -> MQTTErrorCode:
        """Packet id, then perhaps a reason code, then perhaps properties (MQTT 5.0, 3.4).

        mosquitto answers a publication above its `message_size_limit` with 0x95, which the standard
        does not list: paho would take that for malformed and hang up, and the next connection would
        meet the same parcel again.
        """
        packet = self._in_packet["packet"]
        if cmd != "PUBACK" or len(packet) < PACKET_ID_BYTES:
            return MQTTErrorCode.MQTT_ERR_PROTOCOL
        code = packet[PACKET_ID_BYTES] if len(packet) > PACKET_ID_BYTES else SUCCESS
        self._on_answer(int.from_bytes(packet[:PACKET_ID_BYTES], "big"), code)
        return MQTTErrorCode.MQTT_ERR_SUCCESS


def publication(message: Message, packet_id: int, properties: bytes) -> bytes:
    """Return a whole PUBLISH packet (MQTT 5.0, 3.3; without properties: MQTT 3.1.1, 3.3)."""
    topic = message.topic.encode()
    head = b"".join(
        (len(topic).to_bytes(2, "big"), topic, packet_id.to_bytes(2, "big"), properties)
    )
    kind = PUBLISH | QOS_1 | (RETAIN if message.retain else 0)
    length = variable_integer(len(head) + len(message.payload))
    return b"".join((bytes((kind,)), length, head, message.payload))
