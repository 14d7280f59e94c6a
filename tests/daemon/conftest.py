"""A broker, both versions of the protocol, and a clock that is set, for each test that asks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from brokers import Broker
from gleancam.delivery import command_desk


@pytest.fixture
def clock_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the machine that runs the tests says about its own."""
    monkeypatch.setattr(command_desk, "synchronised", lambda: True)


@pytest.fixture(params=["5", "3.1.1"])
def protocol(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    broker = Broker(tmp_path)
    broker.start()
    yield broker
    broker.stop()
