"""From what is kept to the spool."""

from __future__ import annotations

from collections.abc import Callable

from gleancam import clock
from gleancam.channel import Channel
from gleancam.config.keys import Config
from gleancam.delivery.courier import Delivery
from gleancam.device import boot_id
from gleancam.inference import Harvest
from gleancam.metrics import Metrics
from gleancam.parts.addresses import image_limit_bytes, topics
from gleancam.settlements import Settled, Settlements
from gleancam.spool.queue import Spool
from gleancam.spooler import ImagePolicy, Spooler
from gleancam.statuses import Statuses
from gleancam.wire.context import DeviceContext
from gleancam.wire.cost import wire_bytes
from gleancam.wire.ensemble_data import EnsembleData
from gleancam.wire.parcel import Parcel


def make_spooler(
    config: Config,
    harvest: Channel[Harvest],
    spool: Spool,
    context: Callable[[], DeviceContext],
    metrics: Metrics,
    statuses: Statuses,
    delivery: Delivery,
    settlements: Settlements,
) -> Spooler:
    """Build the spooler.

    It tells `statuses` of a full disk, `delivery` of new parcels, and `settlements` their cost.
    """
    own, mqtt5 = topics(config), config.mqtt is None or config.mqtt.protocol == "5"

    def committed(parcel: Parcel) -> None:
        cost = wire_bytes(parcel, own, mqtt5=mqtt5)
        settlements.put(Settled(parcel.camera_id, parcel.parcel_id, cost))
        delivery.nudge()

    return Spooler(
        harvest,
        spool,
        context,
        _image_policy(config),
        metrics,
        statuses.degraded,
        committed,
    )


def _image_policy(config: Config) -> ImagePolicy:
    spool = config.spool
    return ImagePolicy(spool.jpeg_quality, image_limit_bytes(config), spool.jpeg_longest_side)


def device_context(config: Config, ensemble: EnsembleData) -> Callable[[], DeviceContext]:
    """Return what says what the device knows of itself now; the clock may be set meanwhile."""
    own = topics(config)

    def context() -> DeviceContext:
        return DeviceContext(
            topics=own,
            boot_id=boot_id(),
            clock_synced="true" if clock.synchronised() else "false",
            ensemble=ensemble,
            images=config.mqtt.images if config.mqtt else "topic",
        )

    return context
