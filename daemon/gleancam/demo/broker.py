"""A mosquitto of the demo's own, on a loopback port nobody else uses."""

from __future__ import annotations

import shutil
import socket
import time
from pathlib import Path

from gleancam.demo.child import Child, ChildError

READY_TIMEOUT_S = 10.0


def free_port() -> int:
    """Return a loopback TCP port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start_broker(folder: Path) -> tuple[Child, int]:
    """Start mosquitto with its configuration and log in `folder`; return it and its port.

    Raises:
        ChildError: mosquitto is not installed, or does not listen in time.
    """
    port = free_port()
    folder.mkdir(parents=True, exist_ok=True)
    configuration = folder / "mosquitto.conf"
    configuration.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\n")
    program = shutil.which("mosquitto", path="/usr/sbin:/usr/bin:/usr/local/sbin") or "mosquitto"
    broker = Child("mosquitto", [program, "-c", str(configuration)], folder / "mosquitto.log")
    _wait_until_listening(broker, port)
    return broker, port


def _wait_until_listening(broker: Child, port: int) -> None:
    deadline = time.monotonic() + READY_TIMEOUT_S
    while time.monotonic() < deadline:
        broker.require_alive()
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    broker.kill()
    raise ChildError(f"mosquitto does not listen on 127.0.0.1:{port}")
