"""How the programs that are tried begin: their arguments, and when they may go."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Callable, Coroutine


def begin(run: Callable[[int, str, str, str], Coroutine[object, object, None]]) -> None:
    """Run with port, protocol, site and fault, once the trial listens."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int)
    parser.add_argument("--protocol")
    parser.add_argument("--site")
    parser.add_argument("--fault", default="")
    asked = parser.parse_args()
    print("ready", flush=True)  # noqa: T201 - what the tests wait for
    sys.stdin.readline()
    asyncio.run(run(asked.port, asked.protocol, asked.site, asked.fault))
