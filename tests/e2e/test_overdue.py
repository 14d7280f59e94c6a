"""A daemon with a detector that never comes back still ends, in order as far as it can."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from gleancam.demo.child import Child
from gleancam.spool.fsck import examine
from waiting import wait_until

pytestmark = [pytest.mark.models, pytest.mark.timeout(180)]

PROGRAM = """
import sys, time
from gleancam.__main__ import main
from gleancam.parts import budgets
from gleancam import label_round

budgets.INFERENCE_BUDGET_S = 0.1

def hang(self):
    print("hanging", file=sys.stderr, flush=True)
    time.sleep(3600)

label_round.Round.step = hang
sys.exit(main(sys.argv[1:]))
"""
CONFIG = """
site = "yard"
device = "d-1"
[[cameras]]
id = "ball"
source = "test"
fps = 5.0
[models]
directory = "{models}"
backend = "onnxruntime"
[spool]
path = "{folder}/spool.db"
reserve_bytes = 1
[directory]
path = "{folder}/samples"
[http]
port = 0
"""


def test_a_stage_that_hangs_costs_an_orderly_exit_code_and_nothing_else(
    tmp_path: Path, models_directory: Path
) -> None:
    config = tmp_path / "config.toml"
    config.write_text(CONFIG.format(folder=tmp_path, models=models_directory.resolve()))
    command = [sys.executable, "-c", PROGRAM, "run", f"--config={config}"]
    daemon = Child("daemon", command, tmp_path / "daemon.log")
    try:
        log = tmp_path / "daemon.log"
        wait_until(lambda: "hanging" in log.read_text(), "a frame to be labelled")
        code, _ = daemon.stop()
    finally:
        daemon.kill()
    assert code == 1, log.read_text()
    assert "inference did not stop within" in log.read_text()
    assert examine(tmp_path / "spool.db") == []
