"""What follows from the configuration for whatever is sent: topics and sizes."""

from __future__ import annotations

from gleancam.config.keys import Config
from gleancam.wire.topics import Topics


def topics(config: Config) -> Topics:
    """Return the device's topics; in a directory they name the files."""
    return Topics(config.mqtt.prefix if config.mqtt else "gleancam", config.site, config.device)


def image_limit_bytes(config: Config) -> int:
    """Return the largest image that is sent."""
    return config.mqtt.inline_max_bytes if config.mqtt else config.spool.max_bytes
