"""Fixtures every area shares, and the honest report of what was not run."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

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
