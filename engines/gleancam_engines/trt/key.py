"""What a plan was built from: any part differs, and it is another plan."""

from __future__ import annotations

import hashlib
from typing import Literal, TypeAlias

import msgspec

from gleancam_engines.precision import Precision
from gleancam_engines.trt.profiles import Profile

COMPILER = 1
"""Version of the compiling code. Raise it with every change after which the same ONNX file, device
and TensorRT would give a plan that computes or takes something else. A rename or a message is no
reason: every device in the field would build and verify all its plans anew."""

Flag: TypeAlias = Literal["no_tf32", "version_compatible"]
"""`no_tf32`: float32 is multiplied as float32, not rounded to 10 bits first. `version_compatible`:
newer TensorRTs of the same major version may load the plan."""


class PlanKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that decides what a plan is.

    Attributes:
        model_sha256: of the ONNX bytes that were compiled: the model's, or those of its variant.
        tensorrt: its version; of a version-compatible plan the major alone.
        device: the GPU's name and compute capability (`orin-sm87`).
        profiles: the batches it takes.
        workspace_bytes: the limit on scratch memory.
        compiler: `COMPILER` when it was built.
        kernels: of the sources of the preprocessing kernels that lie beside it.
        machine: of a version-compatible plan, a hash of the machine it was built on, else empty.
            Such a plan brings code for the CPU, which is run only where it was made.
    """

    model_sha256: str
    tensorrt: str
    device: str
    precision: Precision
    profiles: tuple[Profile, ...]
    workspace_bytes: int
    flags: tuple[Flag, ...]
    compiler: int
    kernels: str
    machine: str = ""

    @property
    def digest(self) -> str:
        """16 hexadecimal digits, the name of the plan's folder."""
        content = msgspec.json.encode(self, order="deterministic")
        return hashlib.sha256(content).hexdigest()[:16]

    @property
    def version_compatible(self) -> bool:
        """Whether loading it needs `Runtime.engine_host_code_allowed`."""
        return "version_compatible" in self.flags

    @property
    def batches(self) -> str:
        """The sizes it is tuned for, as `--batch` takes them."""
        return ",".join(str(profile.tuned) for profile in reversed(self.profiles))

    def differences(self, found: PlanKey) -> tuple[str, ...]:
        """Say in which parts another key differs from this one."""
        parts = (name for name in self.__struct_fields__ if name != "profiles")
        return tuple(
            f"{name} is {_brief(getattr(found, name))}, not {_brief(getattr(self, name))}"
            for name in (*parts, "batches")
            if getattr(found, name) != getattr(self, name)
        )


def _brief(value: object) -> str:
    """Write a value as its JSON, a hash as its beginning."""
    text = msgspec.json.encode(value).decode().strip('"')
    return text[:12] if len(text) == hashlib.sha256().digest_size * 2 else text
