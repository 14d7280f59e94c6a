"""The log as a daemon builds it says how this device decides."""

from __future__ import annotations

from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from gleancam.config.keys import Config, Spool, TestCamera
from gleancam.config.selection_keys import Random, Selection
from gleancam.decisions.reading import read_segments
from gleancam.metrics import Metrics
from gleancam.parts.decisions import make_decision_log
from gleancam.selectors.references import NOTHING
from gleancam.stage import Stage
from gleancam.whatif.policy import of_epoch
from made_decisions import SPACE, made_frame


@pytest.mark.parametrize(("configured", "stored"), [("", "yard/d-1"), ("mine", "mine")])
def test_the_lottery_s_seed_is_in_the_log(tmp_path: Path, configured: str, stored: str) -> None:
    config = Config(
        site="yard",
        device="d-1",
        cameras=(TestCamera(id="gate"),),
        selection=Selection(random=Random(seed=configured)),
        spool=Spool(path=str(tmp_path / "spool.db")),
    )
    log = make_decision_log(config, SPACE, NOTHING, (), Metrics(CollectorRegistry()))
    assert log is not None
    crashes: list[BaseException] = []
    stage = Stage("decisions", log.writer.run, lambda _, error: crashes.append(error))
    log.channel.put(made_frame())
    log.channel.close()
    stage.start()
    assert stage.join(10)
    assert crashes == []
    (segment,) = read_segments(tmp_path / "decisions")
    assert segment.epoch is not None
    assert of_epoch(segment.epoch).selection.random.seed == stored
