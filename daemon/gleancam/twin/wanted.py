"""From a wanted configuration to a whole one, or to everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gleancam.config.file import configuration
from gleancam.config.keys import Config
from gleancam.config.problem import InvalidConfigurationError
from gleancam.twin.merge import merge

WHERE = "desired"


def whole(document: Mapping[str, Any], wanted: Mapping[str, Any]) -> Config:
    """Lay `wanted` over a decoded file and validate the result as a file is.

    Raises:
        InvalidConfigurationError: something may not be set from afar, or does not fit.
    """
    merged, forbidden = merge(document, wanted)
    if forbidden:
        raise InvalidConfigurationError(WHERE, forbidden)
    return configuration(merged, WHERE)
