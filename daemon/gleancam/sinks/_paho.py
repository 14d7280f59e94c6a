"""One connection to a broker. Imports paho: import this file lazily.

paho is used as a protocol engine, not as a queue: one client for one connection, driven by the
caller's thread through paho's own hooks for outside event loops (`loop_read`, `loop_write`,
`loop_misc`). So every call and every callback happens on one thread, a PUBACK cannot overtake the
call that published, nothing is sent again behind the spool's back, and paho reconnects never.
"""

from __future__ import annotations

import select
import ssl
import struct
from typing import Any, Protocol

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from gleancam.config.keys import Mqtt
from gleancam.errors import SinkError
from gleancam.secret_files import read_secret
from gleancam.sinks._paho_client import QuickClient
from gleancam.sinks.base import Limits
from gleancam.sinks.doorbell import Doorbell
from gleancam.sinks.tls import tls_context
from gleancam.sinks.tls_trouble import explain, trouble
from gleancam.wire.envelope import Envelope
from gleancam.wire.message import Message

SESSION_EXPIRY_S = 7 * 24 * 3600
"""How long the broker keeps acknowledgements for us while we are away."""
WILL_DELAY_S = 10
"""A short break of the link is no loss of the device."""
CONNECT_TIMEOUT_S = 5.0
INBOUND_PACKET_BYTES = 512 * 1024
"""We tell the broker to send us nothing larger; an acknowledgement has at most 256 KiB."""

_BROKEN = (OSError, ValueError, LookupError, struct.error)
"""What paho raises when the network fails or a broker sends nonsense."""


class Listener(Protocol):
    """What happens on a connection; called from within `Link.connect` and `Link.pump` only."""

    def on_connected(self, limits: Limits) -> None:
        """The broker took us."""

    def on_answer(self, packet_id: int, code: int) -> None:
        """A publication was answered with this PUBACK reason code."""

    def on_message(self, topic: str, payload: bytes, envelope: Envelope) -> None:
        """Something came on a subscribed topic."""

    def on_subscription_refused(self, why: str) -> None:
        """The broker does not let us listen."""


class Link:
    """One connection, from CONNECT to its end.

    Attributes:
        ended: why it is over; empty while it is not.
    """

    def __init__(self, settings: Mqtt, client_id: str, will: Message, listener: Listener) -> None:
        self._settings = settings
        self._mqtt5 = settings.protocol == "5"
        self._listener = listener
        self.ended = ""
        self._client = QuickClient(
            CallbackAPIVersion.VERSION2,
            client_id,
            clean_session=None if self._mqtt5 else False,
            protocol=MQTTProtocolVersion.MQTTv5 if self._mqtt5 else MQTTProtocolVersion.MQTTv311,
            transport=settings.transport,
            reconnect_on_failure=False,
            on_answer=listener.on_answer,
        )
        self._client.connect_timeout = CONNECT_TIMEOUT_S
        self._configure(will)

    def connect(self) -> None:
        """Open the connection and send CONNECT; blocks for at most a few seconds.

        Raises:
            UntrustedBrokerError: its certificate is not what it should be.
            SinkError: nobody listens there, or TLS failed otherwise.
        """
        settings = self._settings
        options: dict[str, Any] = {}
        if self._mqtt5:
            options = {"clean_start": False, "properties": _connect_properties()}
        try:
            self._client.connect(settings.host, settings.port, settings.keepalive_s, **options)
        except ssl.SSLError as error:
            raise trouble(f"{settings.host}:{settings.port}", error) from error
        except _BROKEN as error:
            raise SinkError(
                f"no connection to {settings.host}:{settings.port}: {_reason(error)}",
                cure="check mqtt.host, mqtt.port, mqtt.tls and that the broker runs",
                transient=True,
            ) from error

    def pump(self, timeout_s: float, doorbell: Doorbell) -> None:
        """Read and write what there is, waiting at most `timeout_s` or until the doorbell rings."""
        try:
            self._wait_and_work(timeout_s, doorbell)
        except _BROKEN as error:
            self._end(f"the connection broke: {_reason(error)}")
        if self._client.socket() is None:
            self._end("the connection was lost")

    def publish(self, message: Message) -> int:
        """Send or queue one publication; return the packet id that its answer will carry."""
        return self._client.publish_once(message)

    def subscribe(self, filters: tuple[str, ...]) -> None:
        """Ask for everything on these filters, QoS 1.

        Over 5 the broker is to tell also of what comes while we listen whether it is retained
        (3.8.3.1, Retain As Published); over 3.1.1 it tells only of what it held before.
        """
        if self._mqtt5:
            options = SubscribeOptions(qos=1, retainAsPublished=True)
            self._client.subscribe([(one, options) for one in filters])
        else:
            self._client.subscribe([(one, 1) for one in filters])

    def disconnect(self) -> None:
        """Say goodbye, so that the will is not sent; `pump` writes it."""
        self._client.disconnect()

    def abandon(self) -> None:
        """Close the socket, whatever state it is in."""
        left = self._client.socket()
        if left is not None:
            left.close()

    def _wait_and_work(self, timeout_s: float, doorbell: Doorbell) -> None:
        broker: Any = self._client.socket()
        if broker is None:
            return
        buffered = getattr(broker, "pending", int)() > 0
        writers = [broker] if self._client.want_write() else []
        wait_s = 0.0 if buffered else timeout_s
        readable, _, _ = select.select([broker, doorbell.waiting], writers, [], wait_s)
        if doorbell.waiting in readable:
            doorbell.answer()
        if buffered or broker in readable:
            self._client.read()
        if self._client.want_write():
            self._client.loop_write()
        self._client.loop_misc()

    def _configure(self, will: Message) -> None:
        settings, client = self._settings, self._client
        if settings.transport == "websockets":
            client.ws_set_options(settings.websocket_path)
        if settings.tls is not None:
            client.tls_set_context(tls_context(settings.tls))
            client.tls_insecure_set(not settings.tls.verify)
        if settings.username_file:
            client.username_pw_set(*_credentials(settings))
        properties = _will_properties(will) if self._mqtt5 else None
        client.will_set(will.topic, will.payload, 1, will.retain, properties)
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_message = self._on_message
        client.on_subscribe = self._on_subscribe

    def _end(self, why: str) -> None:
        self.ended = self.ended or why

    def _on_connect(
        self, _client: Client, _data: Any, _flags: Any, code: ReasonCode, properties: Any
    ) -> None:
        if code.is_failure:
            self._end(f"the broker refused the connection: {code}")
            return
        self._listener.on_connected(_limits(properties))

    def _on_disconnect(
        self, _client: Client, _data: Any, _flags: Any, code: ReasonCode, _properties: Any
    ) -> None:
        self._end(f"the connection ended: {code}")

    def _on_message(self, _client: Client, _data: Any, message: Any) -> None:
        try:
            topic = message.topic
        except UnicodeDecodeError:
            topic = ""
        self._listener.on_message(topic, bytes(message.payload), _envelope(message))

    def _on_subscribe(
        self, _client: Client, _data: Any, _mid: int, codes: list[ReasonCode], _properties: Any
    ) -> None:
        for code in codes:
            if code.is_failure:
                self._listener.on_subscription_refused(str(code))


def _credentials(settings: Mqtt) -> tuple[str, str | None]:
    username = read_secret("mqtt.username_file", settings.username_file)
    if not settings.password_file:
        return username, None
    return username, read_secret("mqtt.password_file", settings.password_file)


def _limits(properties: Any) -> Limits:
    """Read what CONNACK grants (MQTT 5.0, 3.2.2.3); 3.1.1 says nothing, which means no limit."""
    receive_maximum = getattr(properties, "ReceiveMaximum", 65535)
    return Limits(receive_maximum, getattr(properties, "MaximumPacketSize", None))


def _properties(packet_type: int) -> Properties:
    return Properties(packet_type)  # type: ignore[no-untyped-call]  # paho left it untyped


def _connect_properties() -> Properties:
    properties = _properties(PacketTypes.CONNECT)
    properties.SessionExpiryInterval = SESSION_EXPIRY_S
    properties.MaximumPacketSize = INBOUND_PACKET_BYTES
    return properties


def _will_properties(will: Message) -> Properties:
    properties = _properties(PacketTypes.WILLMESSAGE)
    properties.WillDelayInterval = WILL_DELAY_S
    if will.content_type:
        properties.ContentType = will.content_type
    return properties


def _envelope(message: Any) -> Envelope:
    found = message.properties
    return Envelope(
        retained=bool(message.retain),
        expiry_s=getattr(found, "MessageExpiryInterval", None),
        response_topic=getattr(found, "ResponseTopic", ""),
        correlation=getattr(found, "CorrelationData", b""),
    )


def _reason(error: Exception) -> str:
    if isinstance(error, ssl.SSLError):
        return ": ".join(explain(error))
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
