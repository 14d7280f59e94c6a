"""What sending a kept frame of a video would cost, labels aside."""

from __future__ import annotations

from uuid6 import uuid7

from gleancam import jpeg
from gleancam.config.keys import Config
from gleancam.outcome import Outcome
from gleancam.types import Sample
from gleancam.wire.context import DeviceContext
from gleancam.wire.cost import wire_bytes
from gleancam.wire.sample import sample_parcel
from gleancam.wire.topics import Topics


class Price:
    """Encodes a kept frame as the spooler would, and measures it."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._topics = Topics("gleancam", config.site, config.device)
        images = config.mqtt.images if config.mqtt else "topic"
        self._context = DeviceContext(
            self._topics, boot_id="replay", clock_synced="false", images=images
        )
        # Any id serves; all are as long, and this needs only one.
        self._any_id = str(uuid7())

    def of(self, outcome: Outcome) -> int:
        """Bytes on the wire of an outcome whose frame was kept."""
        assert outcome.embedded is not None  # noqa: S101 - a kept frame has been embedded
        assert outcome.decision is not None  # noqa: S101 - as above
        sample = Sample(self._any_id, outcome.embedded, outcome.decision, outcome.scene_id)
        planes, spool = outcome.embedded.frame.planes, self._config.spool
        side = spool.jpeg_longest_side
        image = jpeg.best(planes, self._limit_bytes, spool.jpeg_quality, side)
        return wire_bytes(sample_parcel(sample, image, self._context), self._topics, mqtt5=True)

    @property
    def _limit_bytes(self) -> int:
        mqtt = self._config.mqtt
        return mqtt.inline_max_bytes if mqtt else self._config.spool.max_bytes
