"""What the README shows is run."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from made_samples import made_event, made_parcel

README = Path(__file__).parents[2] / "upstream" / "README.md"


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)


def test_the_library_example_runs(device: Any, broker_port: int, tmp_path: Path) -> None:
    (example,) = (one for one in blocks("python") if "asyncio" not in one)
    assert "port=1883" in example
    process = subprocess.Popen(
        [sys.executable, "-c", example.replace("port=1883", f"port={broker_port}")],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        text=True,
    )
    device.saw_presence(1)
    wanted, empty, event = made_parcel(1), made_parcel(2, labels=0), made_event()
    for parcel in (wanted, empty, event):
        device.deliver(parcel)
    assert set(device.acknowledged(2)) == {wanted.parcel_id, event.parcel_id}
    assert device.rejected(1) == {empty.parcel_id: "we only want objects"}
    stdout, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert stdout.startswith("front novel ")
    assert (tmp_path / f"{wanted.parcel_id}.jpg").read_bytes() == wanted.image
    assert set((tmp_path / "seen.ids").read_text().split()) == {wanted.parcel_id, event.parcel_id}


def test_the_asynchronous_example_runs(device: Any, broker_port: int, tmp_path: Path) -> None:
    (example,) = (one for one in blocks("python") if "asyncio" in one)
    assert "port=1883" in example
    process = subprocess.Popen(
        [sys.executable, "-c", example.replace("port=1883", f"port={broker_port}")],
        cwd=tmp_path,
        stderr=subprocess.DEVNULL,
    )
    try:
        device.saw_presence(1)
        parcel = made_parcel(1)
        device.deliver(parcel)
        assert device.acknowledged(1) == [parcel.parcel_id]
        assert (tmp_path / f"{parcel.parcel_id}.jpg").read_bytes() == parcel.image
        assert (tmp_path / "seen.ids").read_text() == f"{parcel.parcel_id}\n"
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)
    assert json.loads(device.saw_presence(2)[1])["online"] is False


def test_commands_and_schemas_that_are_named_exist() -> None:
    text = README.read_text(encoding="utf-8")
    shown = " ".join(blocks(""))
    for command in re.findall(r"gleancam-upstream (\w+)", shown):
        helped = subprocess.run(
            [sys.executable, "-m", "gleancam_upstream", command, "--help"],
            capture_output=True,
            text=True,
            check=True,
        )
        assert "usage" in helped.stdout
    schemas = README.parents[1] / "daemon" / "gleancam" / "wire" / "schemas"
    for path in schemas.iterdir():
        assert f"`{path.name.removesuffix('.schema.json')}`" in text
