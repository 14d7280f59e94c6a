from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gleancam_engines.errors import CompileError
from gleancam_engines.trt.job import plan_key
from gleancam_engines.trt.key import PlanKey
from gleancam_engines.trt.profiles import LARGEST, Profile, choose, profiles
from gleancam_engines.trt.settings import Settings
from gleancam_engines.trt.workspace import workspace_bytes
from made_plans import ORIN, made_key, made_target

CHANGES = {
    "model_sha256": "b" * 64,
    "tensorrt": "10.13.2.6",
    "device": "thor-sm110",
    "precision": "int8",
    "profiles": profiles((1, 4)),
    "workspace_bytes": 1 << 29,
    "flags": ("no_tf32",),
    "compiler": 0,
    "kernels": "l" * 16,
    "machine": "m" * 16,
}


def test_every_part_is_tried() -> None:
    assert set(CHANGES) == set(PlanKey.__struct_fields__)


@pytest.mark.parametrize("part", CHANGES)
def test_any_part_makes_another_plan(part: str) -> None:
    key, other = made_key(), made_key(**{part: CHANGES[part]})
    assert key.digest != other.digest
    (difference,) = key.differences(other)
    assert difference.startswith("batches" if part == "profiles" else part)


def test_a_key_has_one_digest() -> None:
    assert made_key().digest == made_key().digest
    assert len(made_key().digest) == 16
    assert made_key().differences(made_key()) == ()
    assert msgspec.json.decode(msgspec.json.encode(made_key()), type=PlanKey) == made_key()


def test_differences_are_for_people() -> None:
    other = made_key(device="thor-sm110", profiles=profiles((1, 4)), model_sha256="b" * 64)
    assert made_key().differences(other) == (
        "model_sha256 is bbbbbbbbbbbb, not aaaaaaaaaaaa",
        "device is thor-sm110, not orin-sm87",
        "batches is 1,4, not 1,8",
    )


def key_of(
    content: bytes = b"onnx",
    tensorrt: str = "10.3.0",
    settings: Settings | None = None,
    batches: Sequence[int] = (1, 8),
) -> PlanKey:
    target = made_target(tensorrt=tensorrt)
    return plan_key(content, target, settings or Settings(), precision="fp16", batches=batches)


def test_the_key_is_of_what_is_compiled() -> None:
    assert key_of() != key_of(b"another")
    assert key_of() != key_of(tensorrt="10.3.1")
    assert key_of() != key_of(settings=Settings(workspace_mib=100))
    assert key_of(settings=Settings(workspace_mib=100)).workspace_bytes == 100 << 20
    assert key_of(batches=(8, 1, 1)) == key_of()
    assert key_of().batches == "1,8"


def test_only_fp32_forbids_tf32() -> None:
    key = plan_key(b"", made_target(), Settings(), precision="fp32", batches=(1,))
    assert key.flags == ("no_tf32",)
    assert key_of().flags == ()


def test_a_version_compatible_plan_is_bound_to_its_machine_not_to_the_minor_version() -> None:
    compatible = Settings(version_compatible=True)
    key = key_of(settings=compatible)
    assert key.version_compatible
    assert len(key.machine) == 16
    assert key == key_of(tensorrt="10.16.1.11", settings=compatible)
    assert key != key_of(tensorrt="11.4.0.106", settings=compatible)


def test_a_little_less_memory_is_no_other_plan() -> None:
    smaller = replace(ORIN, memory_bytes=ORIN.memory_bytes - (100 << 20))
    keys = [
        plan_key(b"", made_target(device=device), Settings(), precision="fp16", batches=(1,))
        for device in (ORIN, smaller)
    ]
    assert keys[0] == keys[1]


@given(st.integers(1 << 28, 1 << 38))
def test_the_workspace_is_within_a_quarter(memory_bytes: int) -> None:
    limit = workspace_bytes(memory_bytes)
    assert limit & (limit - 1) == 0
    assert limit <= memory_bytes // 4
    assert limit == 4 << 30 or limit > memory_bytes // 8


@given(st.lists(st.integers(1, LARGEST), min_size=1))
def test_every_batch_up_to_the_largest_has_a_profile(batches: list[int]) -> None:
    made = profiles(batches)
    assert made[0] == Profile(1, max(batches), max(batches))
    for batch in range(1, max(batches) + 1):
        chosen = made[choose(made, batch)]
        assert chosen.smallest <= batch <= chosen.largest
        assert all(not batch <= other.largest < chosen.largest for other in made)
    for batch in batches:
        assert made[choose(made, batch)].tuned == batch


@pytest.mark.parametrize("batches", [(), (0, 1), (1, LARGEST + 1)])
def test_impossible_batches(batches: tuple[int, ...]) -> None:
    with pytest.raises(CompileError, match="batches must be within"):
        profiles(batches)


def test_a_batch_that_no_profile_takes() -> None:
    with pytest.raises(CompileError, match="takes batches up to 8, but got 9"):
        choose(profiles((1, 8)), 9)
