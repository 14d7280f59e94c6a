"""The steps, in their order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from gpu import reading
from gpu.step import Step

CONTRACTS = Path(__file__).parents[1] / "contract"
PRECISIONS = ("fp32", "fp16", "int8")
KERNEL = ("driver", "nvcc", "pycuda")
ENGINE = ("nvcc", "pycuda", "tensorrt")
HOUR_S = 3600.0
"""Compiling takes minutes on a small board."""
PYTEST = ("-m", "pytest", "-q", "--no-header", "--timeout=1200", "-W", "default")
"""What the real libraries warn of on their import is not ours to fail for."""


@dataclass(frozen=True)
class Asked:
    """What was asked for.

    Attributes:
        models: the folder they lie in.
        names: of the models.
        images: photographs to verify on, and to calibrate int8 with; None: there are none.
        seconds: for each figure of the bench.
    """

    models: Path
    names: Sequence[str]
    images: Path | None
    seconds: float


def steps(asked: Asked) -> Iterator[Step]:
    yield Step("driver", fact("driver"))
    yield Step("nvcc", fact("nvcc"))
    yield Step("pycuda", fact("pycuda"), ("driver", "nvcc"), timeout_s=HOUR_S)
    yield Step("tensorrt", fact("tensorrt"), ("driver",))
    yield Step("kernel agrees", ("-m", "gpu.agree"), KERNEL, read=reading.rows)
    yield Step("kernel speed", ("-m", "gpu.speed"), KERNEL, read=reading.rows)
    yield Step(
        "contract tests",
        (*PYTEST, "-k", "tensorrt or gpu", *map(str, contracts())),
        ENGINE,
        environment={"GLEANCAM_REAL_TENSORRT": "1"},
        timeout_s=HOUR_S,
    )
    for name in asked.names:
        yield from of_model(asked, name)


def fact(name: str) -> tuple[str, ...]:
    return ("-m", "gpu.facts", name)


def contracts() -> tuple[Path, ...]:
    return CONTRACTS / "test_engine_contract.py", CONTRACTS / "test_pictures_contract.py"


def of_model(asked: Asked, name: str) -> Iterator[Step]:
    here = f"{name} is here"
    yield Step(here, models(asked, "fetch", name), read=lambda _: [("", "hash checked")])
    for precision in PRECISIONS:
        yield from compiled(asked, name, precision, here)


def compiled(asked: Asked, name: str, precision: str, here: str) -> Iterator[Step]:
    """Compile a model, verify the plan, and measure it, verified or not."""
    chosen = ("--precision", precision)
    images = ("--images", str(asked.images)) if asked.images else ()
    no_images = "" if images else "no photographs; give --images DIR"
    compile_ = Step(
        f"{name} {precision} compiles",
        models(asked, "compile", name, *chosen, *images),
        (*ENGINE, here),
        missing=no_images if precision == "int8" else "",
        read=reading.plan,
        timeout_s=HOUR_S,
    )
    yield compile_
    on_tensorrt = ("--backend", "tensorrt", *chosen)
    yield Step(
        f"{name} {precision} agrees",
        models(asked, "verify", name, *on_tensorrt, *images),
        (compile_.name,),
        missing=no_images,
        read=reading.receipt,
        timeout_s=HOUR_S,
    )
    budget = ("--seconds", str(asked.seconds), "--batch", reading.batches(asked.models / name))
    yield Step(
        f"{name} {precision} speed",
        models(asked, "bench", name, *on_tensorrt, *budget),
        (compile_.name,),
        read=reading.measurements,
        timeout_s=HOUR_S,
    )


def models(asked: Asked, action: str, *arguments: str) -> tuple[str, ...]:
    where = ("--directory", str(asked.models), "--json")
    return ("-m", "gleancam", "models", action, *arguments, *where)
