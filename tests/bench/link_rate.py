"""How near a limited link comes to its rate over a real broker; prints a line for each rate.

PYTHONPATH=tests .venv/bin/python -m bench.link_rate [--seconds 10]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from brokers import Broker
from commanded_device import Device, running
from gleancam.config.keys import Bandwidth
from gleancam.spool.queue import Spool
from gleancam.wire.ack import ack_message
from mqtt_rig import TOPICS, peer, settings
from parcels import made_parcel

CASES = ((50, 3_000), (200, 100_000), (1000, 100_000))
"""Rates in kB/s, and the bytes of an image."""
WARM_S = 3.0


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10.0)
    seconds = parser.parse_args().seconds
    for rate, image_bytes in CASES:
        with tempfile.TemporaryDirectory() as folder:
            measured = _measure(Path(folder), rate, image_bytes, seconds)
        sys.stdout.write(
            f"{rate} kB/s, images of {image_bytes} bytes: {measured / 1e3:.1f} kB/s on the wire, "
            f"{measured / rate / 1e3 - 1:+.1%}\n"
        )


def _measure(folder: Path, rate: int, image_bytes: int, seconds: float) -> float:
    """Return the bytes a second that were published, acknowledged by a consumer."""
    broker = Broker(folder)
    broker.start()
    spool = Spool.open(folder / "spool.db", 10**9, 0)
    for number in range(int(1.5 * (seconds + WARM_S + 4) * rate * 1000 / image_bytes)):
        spool.add(made_parcel(number, image_bytes=image_bytes))
    mqtt = settings(broker.port, bandwidth=Bandwidth(rate=f"{rate} kB/s"))
    with peer(broker.port) as consumer:
        consumer.on_sample = lambda each: consumer.publish_soon(ack_message(TOPICS, (each,)))
        consumer.subscribe(f"{TOPICS.root}/cam/#")
        consumer.come_online()
        with running(Device(spool, mqtt)) as device:
            time.sleep(WARM_S)
            before = _counted(device), time.monotonic()
            time.sleep(seconds)
            after = _counted(device), time.monotonic()
    spool.close()
    broker.stop()
    return (after[0] - before[0]) / (after[1] - before[1])


def _counted(device: Device) -> float:
    """What a subscriber counts is the same (tests/daemon/test_link_broker.py)."""
    found = device.registry.get_sample_value("gleancam_link_bytes_total", {"metered": "false"})
    return found or 0.0


if __name__ == "__main__":
    main()
