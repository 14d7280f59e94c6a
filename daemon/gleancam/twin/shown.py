"""Whether something other than the file is in force, for who looks at the file."""

from __future__ import annotations

from gleancam.config.keys import Config
from gleancam.twin.store import Store, store_path


def shown(config: Config) -> str:
    """Return what a device with this file has taken from afar; empty when nothing.

    Raises:
        ConfigurationError: the state cannot be read.
    """
    if not config.remote.configuration:
        return ""
    state = Store(store_path(config.spool.path)).load()
    parts = []
    if state.confirmed is not None:
        parts.append(f"configuration {state.confirmed.version}, wanted over MQTT, is in force")
    if state.trial is not None:
        parts.append(f"configuration {state.trial.version} is on trial")
    if state.failed is not None:
        parts.append(f"configuration {state.failed.version} was taken back: {state.failed.why}")
    return "; ".join(parts)
