"""A real broker on a free port."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from brokers import Broker


@pytest.fixture
def broker_port(tmp_path: Path) -> Iterator[int]:
    broker = Broker(tmp_path)
    broker.start()
    yield broker.port
    broker.stop()
