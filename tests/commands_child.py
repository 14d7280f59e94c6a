"""A device that obeys until it is killed: `commands_child.py SPOOL PORT PROTOCOL`.

Each line on stdout is the id of a picture that was asked for, or `ready`.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from commanded_device import Device, running
from gleancam.delivery import command_desk
from gleancam.spool.queue import Spool
from mqtt_rig import settings


def say(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


def main() -> None:
    command_desk.synchronised = lambda: True  # type: ignore[attr-defined]
    path, port, protocol = sys.argv[1:]
    spool = Spool.open(Path(path), 10**9, 0)
    with running(Device(spool, settings(int(port), protocol=protocol))) as device:
        say("ready")
        while True:
            for capture in device.captures.take():
                say(capture.request_id)
            time.sleep(0.01)


if __name__ == "__main__":
    main()
