"""A device that compiles at once: a stand-in for the builder, the real key, store and locks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from gleancam_engines.cuda.driver import Device
from gleancam_engines.fetching.progress import Progress
from gleancam_engines.trt.build import Built
from gleancam_engines.trt.key import COMPILER, PlanKey
from gleancam_engines.trt.profiles import profiles
from gleancam_engines.trt.record import PlanRecord, digest, make_record
from gleancam_engines.trt.target import Target
from made_models import projection, write_model

ORIN = Device("Orin", (8, 7), 7_800_000_000, "12.6")
CUBIN = b"kernels for 8.7"


def nothing() -> None:
    """Do nothing while building."""


@dataclass
class Builder:
    """Gives plans at once, and remembers what it was asked for.

    Attributes:
        meanwhile: called in the middle of every build.
    """

    meanwhile: Callable[[], None] = nothing
    keys: list[PlanKey] = field(default_factory=list)
    timings: list[bytes] = field(default_factory=list)

    def __call__(
        self, content: bytes, key: PlanKey, *, name: str, timing: bytes, tell: Progress
    ) -> Built:
        """Build."""
        self.keys.append(key)
        self.timings.append(timing)
        tell(f"{name} {key.precision}", 500, 1000)
        self.meanwhile()
        return Built(b"plan of " + digest(content).encode(), timing + b".")


def compile_kernels(compute_capability: tuple[int, int]) -> bytes:
    """Compile the kernels."""
    major, minor = compute_capability
    return f"kernels for {major}.{minor}".encode()


def made_target(
    builder: Builder | None = None, *, device: Device = ORIN, tensorrt: str = "10.3.0"
) -> Target:
    """Return a device with its compilers."""
    return Target(device, tensorrt, builder or Builder(), compile_kernels, "k" * 16)


def made_model(models: Path, name: str = "projection") -> Path:
    """Put a real model into a models directory."""
    return write_model(models / name, projection())


def made_key(**changes: object) -> PlanKey:
    """Return a key; `changes` replaces parts of it."""
    parts: dict[str, object] = {
        "model_sha256": "a" * 64,
        "tensorrt": "10.3.0",
        "device": ORIN.id,
        "precision": "fp16",
        "profiles": profiles((1, 8)),
        "workspace_bytes": 1 << 30,
        "flags": (),
        "compiler": COMPILER,
        "kernels": "k" * 16,
    }
    return PlanKey(**{**parts, **changes})  # type: ignore[arg-type] # the parts of a key, by name


def made_plan_record(key: PlanKey, plan: bytes, built_ns: int = 1) -> PlanRecord:
    """Describe a plan."""
    return make_record(key, plan, CUBIN, tensorrt="10.3.0", built_ns=built_ns)
