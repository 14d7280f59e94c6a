"""The reference consumer's asynchronous half, in a program."""

from __future__ import annotations

from conformance.program import begin
from gleancam_upstream.broker import Broker
from gleancam_upstream.consume import consume
from gleancam_upstream.seen import SeenIds


async def run(port: int, protocol: str, site: str, fault: str) -> None:
    assert not fault
    broker = Broker("127.0.0.1", port, protocol="5" if protocol == "5" else "3.1.1")
    async with consume(
        broker, site=site, consumer="stream", seen=SeenIds(), on_picture=lambda _: None
    ) as samples:
        async for sample in samples:
            await sample.ack()


if __name__ == "__main__":
    begin(run)
