"""Where the commands look for models when no configuration says."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from gleancam.config.keys import Models

CHECKOUT = Path(".cache/models")
"""Where `make models` puts them, seen from the checkout."""


def model_directory(environment: Mapping[str, str] = os.environ) -> Path:
    """Return `GLEANCAM_MODELS` if set, the checkout's own if this is one, else the device's."""
    if named := environment.get("GLEANCAM_MODELS"):
        return Path(named)
    return CHECKOUT if CHECKOUT.is_dir() else Path(Models().directory)
