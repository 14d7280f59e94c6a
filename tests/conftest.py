"""Fixtures every area shares, and the honest report of what was not run."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from brokers import Broker
from gleancam.delivery import command_desk

# A busy machine is no failure: time is for benchmarks.
settings.register_profile(
    "gleancam", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile("gleancam")

EVALUATION_DATA = Path(
    os.environ.get("GLEANCAM_EVALUATION_DATA", Path(__file__).parents[2] / "shared" / "data")
)
MODELS = Path(os.environ.get("GLEANCAM_MODELS", Path(__file__).parents[1] / ".cache" / "models"))


@pytest.fixture(scope="session")
def evaluation_data() -> Path:
    """Return the folder of evaluation videos and images."""
    return EVALUATION_DATA


@pytest.fixture(scope="session")
def models_directory() -> Path:
    """Return the folder into which `make test` has fetched the catalogue's models."""
    return MODELS


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    broker = Broker(tmp_path)
    broker.start()
    yield broker
    broker.stop()


@pytest.fixture
def broker_port(broker: Broker) -> int:
    return broker.port


@pytest.fixture(params=["5", "3.1.1"])
def protocol(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def clock_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the machine that runs the tests says about its own."""
    monkeypatch.setattr(command_desk, "synchronised", lambda: True)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Take evaluation tests out when their data is not there; the summary says so."""
    if EVALUATION_DATA.is_dir():
        return
    left_out = [item for item in items if item.get_closest_marker("evaluation")]
    items[:] = [item for item in items if not item.get_closest_marker("evaluation")]
    config.hook.pytest_deselected(items=left_out)
    config.stash[_NOT_RUN] = len(left_out)


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Say how many evaluation tests were not run, and why."""
    if count := config.stash.get(_NOT_RUN, 0):
        terminalreporter.write_line(
            f"NOT RUN: {count} evaluation tests: no evaluation data at {EVALUATION_DATA} "
            "(set GLEANCAM_EVALUATION_DATA)"
        )


_NOT_RUN = pytest.StashKey[int]()
