"""How the configuration wants a model to be run, and the commands that do by hand what it needs."""

from __future__ import annotations

from pathlib import Path

from gleancam.config.keys import Models
from gleancam_engines.manifest import Manifest
from gleancam_engines.opening import Opening

DEFAULTS = Models()


def opening(models: Models, manifest: Manifest) -> Opening:
    """Return how the configuration wants a model to be run."""
    sizes = batches(manifest, models.batch)
    return Opening(models.backend, models.precision, models.threads, sizes)


def batches(manifest: Manifest, most: int = DEFAULTS.batch) -> tuple[int, ...]:
    """Return the batches that the daemon gives a model.

    It takes frames singly and up to `most` at once; one whose batch is fixed takes nothing else,
    and a detector whose outputs are of one picture takes frames singly.
    """
    fixed = manifest.inputs[0].shape[0]
    if fixed > 0:
        return (fixed,)
    singly = manifest.task == "detect" and not manifest.batched
    return (1,) if singly else tuple(sorted({1, most}))


def compile_command(directory: Path, chosen: Opening) -> str:
    """Return what compiles a model for this way of running it."""
    return f"gleancam models compile {_arguments(directory, chosen)}"


def calibrate_command(directory: Path, chosen: Opening) -> str:
    """Return what makes a model's file in int8; DIR holds pictures."""
    if chosen.backend == "tensorrt":
        return f"{compile_command(directory, chosen)} --images DIR"
    return verify_command(directory, chosen)


def verify_command(directory: Path, chosen: Opening) -> str:
    """Return what verifies a model that is run in this way; DIR holds pictures."""
    arguments = _arguments(directory, chosen)
    return f"gleancam models verify {arguments} --backend {chosen.backend} --images DIR"


def _arguments(directory: Path, chosen: Opening) -> str:
    batches = ",".join(map(str, chosen.batches))
    return (
        f"{directory.name} --directory {directory.parent} "
        f"--precision {chosen.precision} --batch {batches}"
    )
