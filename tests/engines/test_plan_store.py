from __future__ import annotations

import json
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from gleancam_engines.errors import CompileError, PlanError
from gleancam_engines.trt.plans import discard, load_plan, prune, stored
from gleancam_engines.trt.record import Plan
from gleancam_engines.trt.storing import store_plan
from made_plans import CUBIN, made_key, made_plan_record

KEY = made_key()
PLAN = b"a plan" * 1000
CHILD = Path(__file__).parents[1] / "plan_child.py"


@pytest.fixture
def model(tmp_path: Path) -> Path:
    folder = tmp_path / "models" / "projection"
    folder.mkdir(parents=True)
    return folder


def store(model: Path, built_ns: int = 1, plan: bytes = PLAN, **changes: object) -> Plan:
    record = made_plan_record(made_key(**changes), plan, built_ns)
    return store_plan(model, record, plan, CUBIN)


def names(model: Path) -> list[str]:
    return sorted(path.name for path in (model / "plans").iterdir())


def test_what_was_stored_is_loaded(model: Path) -> None:
    plan = store(model)
    assert load_plan(model, KEY) == plan
    assert (plan.content, plan.kernels, plan.key) == (PLAN, CUBIN, KEY)
    assert plan.path == model / "plans" / KEY.digest
    assert names(model) == [KEY.digest]
    files = sorted(path.name for path in plan.path.iterdir())
    assert files == ["kernels.cubin", "key.json", "plan.engine"]


def test_the_record_is_readable(model: Path) -> None:
    record = json.loads((store(model).path / "key.json").read_text(encoding="utf-8"))
    assert record["key"]["device"] == "orin-sm87"
    assert record["size_bytes"] == len(PLAN)


def test_nothing_was_compiled(model: Path) -> None:
    with pytest.raises(
        PlanError,
        match=r"projection: it was not compiled for orin-sm87, fp16; run 'gleancam models compile "
        r"projection --precision fp16 --batch 1,8'",
    ):
        load_plan(model, KEY)


def test_a_plan_of_another_device_is_not_found_and_is_told(model: Path) -> None:
    store(model, device="thor-sm110")
    store(model, device="thor-sm110", tensorrt="10.13.2.6")
    with pytest.raises(
        PlanError, match="no plan fits; in the nearest, device is thor-sm110, not orin"
    ):
        load_plan(model, KEY)
    assert len(names(model)) == 2


def test_a_plan_of_another_device_in_the_place_of_ours_is_deleted(model: Path) -> None:
    theirs = store(model, device="thor-sm110")
    theirs.path.rename(model / "plans" / KEY.digest)
    with pytest.raises(
        PlanError, match="holds another plan: device is thor-sm110, not orin-sm87; it was deleted"
    ):
        load_plan(model, KEY)
    assert names(model) == []


@pytest.mark.parametrize("file", ["plan.engine", "kernels.cubin"])
@pytest.mark.parametrize("damage", ["cut", "changed", "emptied", "gone"])
def test_a_damaged_plan_is_deleted(model: Path, file: str, damage: str) -> None:
    path = store(model).path / file
    content = path.read_bytes()
    damaged = {"cut": content[:-1], "changed": b"x" + content[1:], "emptied": b""}
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes(damaged[damage])
    (path.parent / "receipt.json").write_text("{}", encoding="utf-8")
    reason = "cannot be read" if damage == "gone" else "is damaged"
    with pytest.raises(PlanError, match=f"{file} {reason}.*it was deleted"):
        load_plan(model, KEY)
    assert names(model) == []


@pytest.mark.parametrize("record", ["", "{", "[]", '{"key": {}}'])
def test_a_plan_without_a_record_is_deleted(model: Path, record: str) -> None:
    (store(model).path / "key.json").write_text(record, encoding="utf-8")
    with pytest.raises(PlanError, match=r"key\.json cannot be read"):
        load_plan(model, KEY)
    assert names(model) == []


def test_a_new_plan_takes_the_place_of_the_old_and_of_its_receipt(model: Path) -> None:
    (store(model).path / "receipt.json").write_text("{}", encoding="utf-8")
    again = store(model, plan=b"another")
    assert load_plan(model, KEY) == again
    assert not (again.path / "receipt.json").exists()
    assert names(model) == [KEY.digest]


def test_a_plan_that_tensorrt_does_not_take_is_discarded(model: Path) -> None:
    assert discard(store(model)).startswith("it was deleted; run 'gleancam models compile")
    assert names(model) == []


def test_what_was_built_in_its_place_is_not_discarded(model: Path) -> None:
    older, newer = store(model), store(model, plan=b"another")
    assert "it was replaced meanwhile" in discard(older)
    assert load_plan(model, KEY) == newer


def test_the_newest_of_each_precision_stay(model: Path) -> None:
    for built_ns, tensorrt in enumerate(["10.3.0", "10.4.0", "10.5.0"]):
        store(model, built_ns, tensorrt=tensorrt)
    store(model, 0, precision="int8")
    assert [(one.key.precision, one.key.tensorrt) for one in prune(model)] == [("fp16", "10.3.0")]
    assert [(one.key.precision, one.key.tensorrt) for one in stored(model)] == [
        ("fp16", "10.5.0"),
        ("fp16", "10.4.0"),
        ("int8", "10.3.0"),
    ]
    assert prune(model) == ()


def child(model: Path, how: str, value: int) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(CHILD), str(model), how, str(value)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("fsync", [1, 2, 3, 4])
def test_killed_before_the_rename_nothing_is_there(model: Path, fsync: int) -> None:
    """Killed at each of the three files and at their folder."""
    killed = child(model, "kill", fsync)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert [name[:5] for name in names(model)] == [".new-"]
    with pytest.raises(PlanError, match="was not compiled"):
        load_plan(model, KEY)
    store(model)
    assert names(model) == [KEY.digest]


@pytest.mark.parametrize("fsync", [1, 2, 3, 4])
def test_killed_before_the_rename_the_older_plan_is_there(model: Path, fsync: int) -> None:
    older = store(model)
    assert child(model, "kill", fsync).returncode == -signal.SIGKILL
    assert load_plan(model, KEY) == older


def test_killed_after_the_rename_it_is_whole(model: Path) -> None:
    assert child(model, "kill", 5).returncode == -signal.SIGKILL
    assert len(load_plan(model, KEY).content) == 1_000_000


def test_a_full_disk_leaves_nothing(model: Path) -> None:
    full = child(model, "limit", 10 * resource.getpagesize())
    assert full.returncode == 0, full.stderr
    assert "its plan of 1000000 bytes cannot be stored" in full.stdout
    assert "make room there" in full.stdout
    assert names(model) == []


def test_a_full_disk_leaves_what_was_there(model: Path) -> None:
    store(model)
    assert "make room there" in child(model, "limit", 10 * resource.getpagesize()).stdout
    assert load_plan(model, KEY).content == PLAN


def test_a_place_that_is_no_directory(model: Path) -> None:
    (model / "plans").write_text("", encoding="utf-8")
    with pytest.raises(CompileError, match="cannot be stored"):
        store(model)
