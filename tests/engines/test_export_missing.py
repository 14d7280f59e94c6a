"""What a machine without the `export` extra is told."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

WITHOUT = """
import sys
for name in {missing!r}:
    sys.modules[name] = None
from gleancam.__main__ import main
sys.exit(main({arguments!r}))
"""


def run_without(missing: list[str], *arguments: str) -> subprocess.CompletedProcess[str]:
    program = WITHOUT.format(missing=missing, arguments=["models", *arguments])
    return subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "HF_HUB_OFFLINE": "1"},
    )


def test_export_names_the_extra(tmp_path: Path) -> None:
    done = run_without(
        ["torch"], "export", "ViT-B-32", "--pretrained", "openai", "--directory", str(tmp_path)
    )
    assert done.returncode == 3
    assert "pip install 'gleancam[export]'" in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_fetch_says_what_to_run_elsewhere(tmp_path: Path) -> None:
    done = run_without(["torch"], "fetch", "clip-vit-b-32", "--directory", str(tmp_path))
    assert done.returncode == 3
    assert "'gleancam models export ViT-B-32 --pretrained openai" in done.stderr
    assert "copy the directory" in done.stderr
    assert list(tmp_path.iterdir()) == []
