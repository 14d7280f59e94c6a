"""What the configuration allows the link, and the command that says what it costs."""

from __future__ import annotations

from gleancam.config.bandwidth import byte_count
from gleancam.config.keys import Bandwidth as Keys
from gleancam.config.keys import Metered, Mqtt
from gleancam.delivery.bandwidth import Bandwidth, Tariff
from gleancam.delivery.courier import Delivery
from gleancam.delivery.link import Limits
from gleancam.errors import SpoolFullError
from gleancam.metrics import Metrics
from gleancam.selectors.budget_night import NightWindow
from gleancam.spool.queue import Spool
from gleancam.statuses import Statuses
from gleancam.wire.command import Command


def make_bandwidth(mqtt: Mqtt, spool: Spool, metrics: Metrics) -> Bandwidth:
    """Build what limits the link; without a configured limit it counts, and can be metered."""
    keys = mqtt.bandwidth
    tariff = Tariff(
        mqtt5=mqtt.protocol == "5",
        always=_limits(keys),
        metered=_limits(keys.metered),
        window=NightWindow(keys.backlog).holds if keys.backlog else None,
    )
    return Bandwidth(tariff, spool, metrics)


def _limits(keys: Keys | Metered) -> Limits:
    return Limits(byte_count(keys.rate), byte_count(keys.budget))


class MeteredOrder:
    """Carries out `metered`, on the delivery stage's thread."""

    def __init__(self, bandwidth: Bandwidth, statuses: Statuses) -> None:
        self._bandwidth = bandwidth
        self._statuses = statuses

    def obeyed_by(self, delivery: Delivery) -> None:
        """Have `delivery` obey it, and say what held when the last process ended."""
        self._statuses.metered(on=self._bandwidth.metered)
        delivery.obey("metered", self._set)

    def _set(self, command: Command) -> str:
        try:
            self._bandwidth.meter(on=command.on is True)
        except SpoolFullError as error:
            return f"it could not be stored: {error}"
        self._statuses.metered(on=self._bandwidth.metered)
        return ""
