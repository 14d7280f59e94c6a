"""The session with the broker, driven by `poll` in the caller's thread; the only `import paho`.

paho's callbacks only note what came; nothing is handled inside them, and there is no second thread.
Each connection gets a paho client of its own, so nothing is sent again behind our back; the session
itself lives on at the broker.
"""

from __future__ import annotations

import struct
import time
from collections import deque
from collections.abc import Callable, Iterable

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage, MQTTv5, MQTTv311
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from gleancam.wire.message import Message
from gleancam_upstream.backoff import Backoff
from gleancam_upstream.broker import Broker
from gleancam_upstream.errors import BrokerRefusedError
from gleancam_upstream.received import Received

BATCH = 32
"""Messages that one `poll` returns at most."""
MAXIMUM_PACKET_BYTES = 8 * 1024 * 1024
"""What we tell the broker it may send us; bounds memory."""
UNCONFIRMED = 1000
"""Publications that may wait for the broker's answer; more are not sent."""
SESSION_EXPIRY_S = 7 * 86_400

_BROKEN = (OSError, ValueError, LookupError, struct.error)
"""What paho raises when the network fails or a broker sends nonsense."""

_PERMANENT = {
    132: "unsupported protocol version",
    133: "client identifier not valid",
    134: "bad user name or password",
    135: "not authorised",
    138: "banned",
    142: "session taken over: another consumer of this name is running",
}


class Connection:
    """A session: connects, subscribes, says hello; again whenever the link was lost.

    `will` makes what the broker is to say when we are gone, `hello` what we publish once the
    subscriptions are in place. One that is not `lasting` ends with its connection. Over MQTT 5 the
    broker lets `receive_maximum` messages wait for our confirmation; 3.1.1 has no word for that.

    Attributes:
        withholding: confirm nothing to the broker that comes from now on, until this is false
            again: it then stops sending. What was not confirmed comes again after a cut.
        online: whether there is a session, with subscriptions in place.
        trouble: why there is none; empty while all is well.
    """

    def __init__(
        self,
        broker: Broker,
        client_id: str,
        *,
        filters: tuple[str, ...],
        hello: Callable[[], Message] | None,
        will: Callable[[], Message] | None = None,
        lasting: bool = True,
        receive_maximum: int | None = None,
    ) -> None:
        self._broker, self._client_id, self._filters = broker, client_id, filters
        self._hello, self._will, self._lasting = hello, will, lasting
        self._received: deque[Received] = deque()
        self._unconfirmed: set[int] = set()
        self._owed: deque[int] = deque()
        self._receive_maximum = receive_maximum
        self.withholding = False
        self._refused = ""
        self._backoff = Backoff()
        self.online = False
        self.trouble = ""
        self._client = self._make_client()

    def poll(self, timeout_s: float) -> tuple[Received, ...]:
        """Return what has come, waiting up to `timeout_s` for the first message.

        Raises:
            BrokerRefusedError: the broker does not let us in, or not subscribe.
        """
        if self.descriptor is None:
            if wait_s := self.wait_s():
                time.sleep(min(wait_s, timeout_s))
                return ()
            self.connect()
        return self.turn(timeout_s)

    @property
    def descriptor(self) -> int | None:
        """What to wait for before the next `turn`; None while there is no connection."""
        link = self._client.socket()
        return None if link is None else link.fileno()

    @property
    def pending(self) -> bool:
        """Whether `turn` has something to do though nothing may come: decrypted bytes wait."""
        pending = getattr(self._client.socket(), "pending", None)
        return pending is not None and pending() > 0

    @property
    def wants_to_write(self) -> bool:
        """Whether something waits until the socket takes more."""
        return self._client.want_write()

    def wait_s(self) -> float:
        """Return the seconds until `connect` is due."""
        return self._backoff.wait_s()

    def connect(self) -> None:
        """Begin a connection: blocks for seconds at worst, and calls nothing back.

        Raises:
            CredentialsError: a file of the broker cannot be used.
        """
        self._client = self._make_client()
        if self._will is not None:
            will = self._will()
            self._client.will_set(will.topic, will.payload, 1, will.retain)
        self._backoff.attempt()
        try:
            self._connect()
        except _BROKEN as error:
            self._broke(f"{type(error).__name__}: {error}")

    def turn(self, timeout_s: float) -> tuple[Received, ...]:
        """Do what the socket allows and return what has come; like `poll`, but never connects.

        Raises:
            BrokerRefusedError: the broker does not let us in, or not subscribe.
        """
        try:
            self._client.loop(timeout_s)
            self._confirm()
            self._drain()
        except _BROKEN as error:
            self._broke(f"{type(error).__name__}: {error}")
        if self._refused:
            raise BrokerRefusedError(
                f"broker {self._broker.host}:{self._broker.port} refused: {self._refused}",
                cure="check the user, the password, the certificate and the broker's ACL",
            )
        taken = tuple(self._received)
        self._received.clear()
        return taken

    def publish(self, message: Message) -> bool:
        """Publish; False when there is no session or too much is unanswered: nothing is queued."""
        if not self.online or len(self._unconfirmed) >= UNCONFIRMED:
            return False
        info = self._client.publish(
            message.topic, message.payload, 1, message.retain, self._properties(message)
        )
        if info.rc is not MQTTErrorCode.MQTT_ERR_SUCCESS:
            return False
        self._unconfirmed.add(info.mid)
        return True

    def unsubscribe(self, filters: Iterable[str]) -> None:
        """Take back subscriptions that an earlier run of this session left, if there are any."""
        if self.online and (taken := [one for one in filters if one not in self._filters]):
            self._client.unsubscribe(taken)

    def close(self, last: Message | None = None, timeout_s: float = 5.0) -> None:
        """Publish `last`, if any, wait for the broker to confirm all, end the connection."""
        deadline = time.monotonic() + timeout_s
        try:
            if last is not None:
                self.publish(last)
            while self.online and self._unconfirmed and time.monotonic() < deadline:
                self._client.loop(0.1)
            self._client.disconnect()
            self._client.loop(0.0)
        except _BROKEN as error:
            self._broke(f"{type(error).__name__}: {error}")
        finally:
            # paho leaves the sockets it wakes itself with to the garbage collector.
            self._client._reset_sockets()  # noqa: SLF001 - nothing public closes them

    def _make_client(self) -> Client:
        version5 = self._broker.protocol == "5"
        client = Client(
            CallbackAPIVersion.VERSION2,
            self._client_id,
            clean_session=None if version5 else not self._lasting,
            protocol=MQTTv5 if version5 else MQTTv311,
            transport=self._broker.transport,
            reconnect_on_failure=False,
            manual_ack=True,
        )
        if self._broker.transport == "websockets":
            client.ws_set_options(path=self._broker.websocket_path)
        client.username_pw_set(self._broker.username(), self._broker.password())
        if context := self._broker.tls_context():
            client.tls_set_context(context)
        client.on_connect, client.on_subscribe = self._on_connect, self._on_subscribe
        client.on_disconnect, client.on_message = self._on_disconnect, self._on_message
        client.on_publish = self._on_publish
        return client

    def _broke(self, why: str) -> None:
        self.online, self.trouble = False, why
        if (open_socket := self._client.socket()) is not None:
            open_socket.close()
        self._client = self._make_client()

    def _connect(self) -> None:
        host, port, keepalive_s = self._broker.host, self._broker.port, self._broker.keepalive_s
        if self._broker.protocol != "5":
            self._client.connect(host, port, keepalive_s)
            return
        properties = _properties(PacketTypes.CONNECT)
        properties.SessionExpiryInterval = SESSION_EXPIRY_S if self._lasting else 0
        properties.MaximumPacketSize = MAXIMUM_PACKET_BYTES
        if self._receive_maximum is not None:
            properties.ReceiveMaximum = self._receive_maximum
        self._client.connect(
            host, port, keepalive_s, clean_start=not self._lasting, properties=properties
        )

    def _drain(self) -> None:
        """Read on while messages are there: one `loop` reads one packet."""
        before = 0
        while before < len(self._received) < BATCH:
            before = len(self._received)
            self._client.loop(0.0)
            self._confirm()

    def _confirm(self) -> None:
        """Confirm what came (PUBACK), outside paho's callback, so that it is written at once."""
        while self._owed and not self.withholding:
            self._client.ack(self._owed.popleft(), 1)

    def _properties(self, message: Message) -> Properties | None:
        if self._broker.protocol != "5":
            return None
        properties = _properties(PacketTypes.PUBLISH)
        if message.content_type:
            properties.ContentType = message.content_type
        if message.expiry_s is not None:
            properties.MessageExpiryInterval = message.expiry_s
        if message.user_properties:
            properties.UserProperty = list(message.user_properties)
        if message.response_topic:
            properties.ResponseTopic = message.response_topic
        if message.correlation:
            properties.CorrelationData = message.correlation
        return properties

    def _on_connect(
        self, client: Client, _data: object, _flags: ConnectFlags, code: ReasonCode, _p: object
    ) -> None:
        if code.is_failure:
            self._note(code)
            return
        self._backoff.succeeded()
        self._unconfirmed.clear()
        self._owed.clear()
        client.subscribe([(topic, 1) for topic in self._filters])

    def _note(self, code: ReasonCode) -> None:
        """Keep why; paho follows a refusal with an empty "Protocol error" of its own."""
        self._refused = self._refused or _PERMANENT.get(code.value, "")
        self.trouble = self._refused or str(code)

    def _on_subscribe(
        self, _client: Client, _data: object, _mid: int, codes: list[ReasonCode], _p: object
    ) -> None:
        if any(code.is_failure for code in codes):
            self._refused = "not authorised to subscribe"
            return
        self.online, self.trouble = True, ""
        if self._hello is not None:
            self.publish(self._hello())

    def _on_disconnect(
        self, _client: Client, _data: object, _flags: DisconnectFlags, code: ReasonCode, _p: object
    ) -> None:
        self.online = False
        if code.is_failure:
            self._note(code)

    def _on_publish(
        self, _client: Client, _data: object, mid: int, _code: ReasonCode, _p: object
    ) -> None:
        self._unconfirmed.discard(mid)

    def _on_message(self, _client: Client, _data: object, message: MQTTMessage) -> None:
        if message.qos:
            self._owed.append(message.mid)
        said = message.properties
        self._received.append(
            Received(
                message.topic,
                bytes(message.payload),
                tuple(map(tuple, getattr(said, "UserProperty", ()))),
                time.time_ns(),
                message.retain,
                getattr(said, "ContentType", ""),
                getattr(said, "CorrelationData", b""),
            )
        )


def _properties(packet: int) -> Properties:
    return Properties(packet)  # type: ignore[no-untyped-call]  # paho leaves it untyped
