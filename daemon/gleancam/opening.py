"""How the configuration wants a model to be run, and the commands that do by hand what it needs."""

from __future__ import annotations

from pathlib import Path

from gleancam.config.keys import Models
from gleancam_engines.manifest import Manifest
from gleancam_engines.opening import Opening


def opening(models: Models, manifest: Manifest) -> Opening:
    """Return how the configuration wants a model to be run.

    An embedder takes frames singly and `models.batch` at once, a detector takes them singly.
    """
    fixed = manifest.inputs[0].shape[0]
    usual = {1} if manifest.task == "detect" else {1, models.batch}
    sizes = (fixed,) if fixed > 0 else tuple(sorted(usual))
    return Opening(models.backend, models.precision, models.threads, sizes)


def compile_command(directory: Path, chosen: Opening) -> str:
    """Return what compiles a model for this way of running it."""
    return f"gleancam models compile {_arguments(directory, chosen)}"


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
