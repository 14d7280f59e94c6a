"""Which file holds the weights, and what it is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from gleancam_engines.errors import ExportError, ModelFileError
from gleancam_engines.export import _open_clip, hub
from gleancam_engines.export.recipe import Recipe
from gleancam_engines.export.request import Request
from gleancam_engines.fetching.checked import sha256_of
from gleancam_engines.fetching.progress import Progress

_SUFFIXES = (".safetensors", ".pt", ".pth", ".bin")


@dataclass(frozen=True, slots=True)
class Weights:
    """A file of weights on this machine.

    Attributes:
        path: of the file.
        sha256: of the file.
        page: where they come from; empty for a file of a person's own.
    """

    path: Path
    sha256: str
    page: str


def obtain(request: Request, recipe: Recipe, tell: Progress) -> Weights:
    """Bring the weights here.

    Raises:
        ExportError: open_clip names no repository of the hub for them.
        FetchError: the hub cannot be reached.
        ModelFileError: the file is missing, of another kind, or the hub does not give it.
    """
    path = _checkpoint(request.checkpoint) if request.checkpoint else _download(recipe, tell)
    page = "" if request.checkpoint else f"https://huggingface.co/{_repository(recipe)}"
    sha256 = sha256_of(path)
    if request.weights_sha256 not in ("", sha256):
        raise ModelFileError(
            f"{path} has sha256 {sha256}, but {request.weights_sha256} is wanted: these are other "
            f"weights, with another embedding space; export them by another name: "
            f"'gleancam models export {request.model}'"
        )
    return Weights(path, sha256, page)


def _checkpoint(path: Path) -> Path:
    if path.suffix not in _SUFFIXES:
        raise ModelFileError(f"{path} must end in one of {', '.join(_SUFFIXES)}")
    if not path.is_file():
        raise ModelFileError(f"{path} is not there; give the path of a file of weights")
    return path


def _download(recipe: Recipe, tell: Progress) -> Path:
    if not recipe.hub:
        raise ExportError(
            "open_clip names no repository of the hub for these weights; download them yourself "
            "and give the file with --checkpoint"
        )
    own = PurePosixPath(recipe.hub).name if not recipe.hub.endswith("/") else ""
    names = (
        (str(PurePosixPath(own).with_suffix(".safetensors")), own) if own else _open_clip.WEIGHTS
    )
    return hub.download(_repository(recipe), names, tell)


def _repository(recipe: Recipe) -> str:
    return "/".join(recipe.hub.split("/")[:2])
