"""Downloads of weights, by the hub's real client from a hub on loopback."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from local_hub import LocalHub, local_hub

REPOSITORY = "organisation/weights"
CONTENT = bytes(range(256)) * 40_000

PROGRAM = """
import json, sys
from gleancam_engines.errors import EngineError
from gleancam_engines.export.hub import download
told = []
try:
    path = download(sys.argv[1], sys.argv[2:], lambda *one: told.append(one))
    print(json.dumps({"path": str(path), "told": told}))
except EngineError as error:
    print(json.dumps({"error": type(error).__name__, "transient": error.transient,
                      "said": str(error)}))
"""


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[LocalHub]:
    folder = tmp_path / "served" / REPOSITORY
    folder.mkdir(parents=True)
    (folder / "weights.bin").write_bytes(CONTENT)
    with local_hub(tmp_path / "served") as hub:
        yield hub


def download(hub: LocalHub, cache: Path, *files: str, **environment: str) -> dict[str, object]:
    """Download in a process of its own: the client reads its settings once."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, REPOSITORY, *files],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "HF_ENDPOINT": hub.url, "HF_HOME": str(cache), **environment},
    )
    answer: dict[str, object] = json.loads(done.stdout)
    return answer


def test_takes_the_first_file_there_is(hub: LocalHub, tmp_path: Path) -> None:
    answer = download(hub, tmp_path / "cache", "weights.safetensors", "weights.bin")
    assert Path(str(answer["path"])).read_bytes() == CONTENT
    told = answer["told"]
    assert isinstance(told, list)
    assert told[-1] == [f"{REPOSITORY}/weights.bin", len(CONTENT), len(CONTENT)]


def test_a_second_time_asks_nothing(hub: LocalHub, tmp_path: Path) -> None:
    first = download(hub, tmp_path / "cache", "weights.bin")
    hub.requests.clear()
    assert download(hub, tmp_path / "cache", "weights.bin")["path"] == first["path"]
    assert hub.asked() == []


def test_a_broken_download_is_resumed(hub: LocalHub, tmp_path: Path) -> None:
    hub.break_after = 3_000_000
    answer = download(hub, tmp_path / "cache", "weights.bin")
    assert Path(str(answer["path"])).read_bytes() == CONTENT
    assert hub.asked() == ["bytes=0-", "bytes=3000000-"]


def test_a_later_run_goes_on_where_the_last_was_killed(hub: LocalHub, tmp_path: Path) -> None:
    folder = tmp_path / "cache" / "gleancam" / "organisation--weights"
    folder.mkdir(parents=True)
    part = folder / f"weights.bin.{hashlib.sha256(CONTENT).hexdigest()[:16]}.part"
    part.write_bytes(CONTENT[:7_000_000])
    answer = download(hub, tmp_path / "cache", "weights.bin")
    assert Path(str(answer["path"])).read_bytes() == CONTENT
    assert hub.asked() == ["bytes=7000000-"]
    assert not part.exists()


def test_what_arrives_damaged_is_thrown_away(hub: LocalHub, tmp_path: Path) -> None:
    hub.damage = True
    answer = download(hub, tmp_path / "cache", "weights.bin")
    assert (answer["error"], answer["transient"]) == ("FetchError", True)
    assert "arrived damaged" in str(answer["said"])
    assert not list((tmp_path / "cache").rglob("*.bin*"))


def test_offline_takes_the_cache(hub: LocalHub, tmp_path: Path) -> None:
    first = download(hub, tmp_path / "cache", "weights.bin")
    hub.requests.clear()
    names = ("weights.safetensors", "weights.bin")
    second = download(hub, tmp_path / "cache", *names, HF_HUB_OFFLINE="1")
    assert second["path"] == first["path"]
    assert hub.asked() == []


def test_a_file_that_no_one_has(hub: LocalHub, tmp_path: Path) -> None:
    answer = download(hub, tmp_path / "cache", "other.bin")
    assert answer["error"] == "ModelFileError"
    assert "has no other.bin" in str(answer["said"])


def test_a_cache_that_cannot_be_written(hub: LocalHub, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file")
    answer = download(hub, tmp_path / "cache", "weights.bin")
    assert (answer["error"], answer["transient"]) == ("FetchError", True)
    assert "could not be had" in str(answer["said"])
