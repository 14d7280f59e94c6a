"""Threads that read a payload for the first time at once: in a process that may end over it."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import sys
import threading

import msgspec

from gleancam.wire.codec import decode, readable

sys.setswitchinterval(1e-6)
FIELDS = [(f"field_{n}", int, 0) for n in range(20)]


def fresh():
    kind = msgspec.defstruct("Leaf", FIELDS)
    for depth in range(6):
        kind = msgspec.defstruct(f"Level{depth}", [("a", kind | None, None), *FIELDS])
    return readable(kind)


KINDS = [fresh() for _ in range(300)]

for kind in KINDS:
    start = threading.Barrier(4)

    def read():
        start.wait()
        assert decode(b'{"a": {"a": {}}}', kind, limit_bytes=100).a.a.field_3 == 0

    threads = [threading.Thread(target=read) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
print("all read")
"""


def test_threads_may_read_a_payload_for_the_first_time_at_once() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=100, check=False
    )
    assert (done.returncode, done.stdout.strip()) == (0, "all read"), done.stderr
