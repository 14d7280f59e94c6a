"""A subscriber that costs next to nothing: it reads everything and looks at nothing.

Without any subscriber a broker of MQTT 5 answers "nobody subscribed", which is no delivery. QoS 0,
so that it answers nothing; a process of its own; the packets are made by hand.

    PYTHONPATH=tests .venv/bin/python -m bench.delivery_subscriber PORT
"""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

CONNECT = b"\x10\x10\x00\x04MQTT\x04\x02\x00\x00\x00\x04sink"
"""3.1.1, clean session, no keep-alive, client id `sink`."""
SUBSCRIBE = b"\x82\x06\x00\x01\x00\x01#\x00"
"""To everything, QoS 0."""
CONNACK_BYTES, SUBACK_BYTES = 4, 5


def read_all(port: int) -> None:
    """Subscribe, say so on stdout, and read until the broker hangs up."""
    with socket.create_connection(("127.0.0.1", port)) as broker:
        broker.sendall(CONNECT)
        broker.recv(CONNACK_BYTES, socket.MSG_WAITALL)
        broker.sendall(SUBSCRIBE)
        broker.recv(SUBACK_BYTES, socket.MSG_WAITALL)
        print("subscribed", flush=True)
        buffer = bytearray(1 << 20)
        while broker.recv_into(buffer):
            pass


@contextmanager
def subscribed(port: int) -> Iterator[None]:
    """Have somebody read everything."""
    command = [sys.executable, "-m", "bench.delivery_subscriber", str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"subscribed\n"
        try:
            yield
        finally:
            child.kill()


if __name__ == "__main__":
    read_all(int(sys.argv[1]))
