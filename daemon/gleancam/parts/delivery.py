"""From the spool to the broker or the directory."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from uuid6 import uuid7

from gleancam.config.keys import Config
from gleancam.delivery.bandwidth import Bandwidth
from gleancam.delivery.courier import Delivery
from gleancam.delivery.dispatch import Route
from gleancam.delivery.known_commands import KnownCommands
from gleancam.delivery.state import Policy
from gleancam.delivery.upkeep import Tombstone, Upkeep
from gleancam.metrics import Metrics
from gleancam.parts.addresses import image_limit_bytes, topics
from gleancam.parts.budgets import DRAIN_S
from gleancam.sinks.base import Sink
from gleancam.sinks.directory import DirectorySink
from gleancam.sinks.mqtt import Identity, MqttSink
from gleancam.spool.queue import Spool
from gleancam.stage import Crash
from gleancam.statuses import will
from gleancam.wire.context import DeviceContext
from gleancam.wire.event import tombstone_parcel
from gleancam.wire.loss import Loss
from gleancam.wire.parcel import Parcel

DAY_NS = 86_400 * 10**9
CONFIRM_DIRECTORY_S = 60.0
"""A directory confirms what it is given at once."""
AHEAD_MESSAGES = 100
"""Five times the window: at most 50 parcels more in memory, each of `inline_max_bytes` at most."""


def make_delivery(
    config: Config,
    spool: Spool,
    context: Callable[[], DeviceContext],
    metrics: Metrics,
    on_crash: Crash,
    bandwidth: Bandwidth | None = None,
    known: KnownCommands | None = None,
    desired: Callable[[bytes], None] | None = None,
) -> Delivery:
    """Build the delivery stage with the sink that the configuration names.

    Args:
        config: the configuration.
        spool: the queue.
        context: what of the device every message tells.
        metrics: where it counts.
        on_crash: told of what ends a stage.
        bandwidth: what the link may take; None: all.
        known: commands that came before.
        desired: takes what came on `desired`; None: nobody may ask.

    Raises:
        ConfigurationError: a file that the sink needs cannot be used.
    """
    sink = _sink(config, spool, metrics, on_crash, desired)
    upkeep = Upkeep(spool, metrics, _tombstone(context), int(config.spool.max_age * DAY_NS))
    return Delivery(spool, sink, _policy(config), _route(config), metrics, upkeep, bandwidth, known)


def _tombstone(context: Callable[[], DeviceContext]) -> Tombstone:
    def tombstone(camera_id: str, losses: tuple[Loss, ...]) -> Parcel:
        return tombstone_parcel(camera_id, losses, str(uuid7()), time.time_ns(), context())

    return tombstone


def _sink(
    config: Config,
    spool: Spool,
    metrics: Metrics,
    on_crash: Crash,
    desired: Callable[[bytes], None] | None,
) -> Sink:
    if config.directory is not None:
        return DirectorySink(Path(config.directory.path))
    assert config.mqtt is not None  # noqa: S101 - config/rules.py wants exactly one of the two
    tls = config.mqtt.tls
    metrics.set("broker_unverified", int(tls is not None and not tls.verify))
    own = topics(config)
    identity = Identity(own, spool.next_session, partial(will, own), desired)

    def count_lost(reason: str) -> None:
        metrics.inc("sink_events_lost", reason=reason)

    return MqttSink(config.mqtt, identity, on_crash, count_lost)


def _policy(config: Config) -> Policy:
    if config.mqtt is None:
        return Policy("puback", int(CONFIRM_DIRECTORY_S * 1e9))
    timeout_ns = int(config.mqtt.ack_timeout_s * 1e9)
    return Policy(config.mqtt.confirm, timeout_ns, ahead_messages=AHEAD_MESSAGES)


def _route(config: Config) -> Route:
    return Route(
        topics(config),
        mqtt5=config.mqtt is None or config.mqtt.protocol == "5",
        image_limit_bytes=image_limit_bytes(config),
        drain_s=DRAIN_S,
    )
