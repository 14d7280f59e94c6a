"""From an open_clip model to a model directory, checked before its manifest says that it is one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from gleancam_engines.export import _open_clip
from gleancam_engines.export.agreement import Preparation
from gleancam_engines.export.clip import build, finish, size_bytes
from gleancam_engines.export.image_side import checked_manifest, export_image
from gleancam_engines.export.job import Job
from gleancam_engines.export.manifest_file import to_toml
from gleancam_engines.export.place import publish, require_room, target_of, workshop
from gleancam_engines.export.recipe import Recipe, choose
from gleancam_engines.export.request import Request
from gleancam_engines.export.text_side import export_text
from gleancam_engines.export.weights import obtain
from gleancam_engines.fetching.progress import Progress, silent
from gleancam_engines.manifest import FILE_NAME, Manifest
from gleancam_engines.planes import Planes

NOTHING: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Exported:
    """What was made, and how near it comes to the original.

    Attributes:
        directory: the model directory.
        manifest: as written.
        preparation: our preprocessing beside open_clip's.
        image_difference: largest difference of the image tower between torch and ONNX Runtime.
        text_difference: the same of the text tower; None when it was not asked for.
    """

    directory: Path
    manifest: Manifest
    preparation: Preparation
    image_difference: float
    text_difference: float | None

    @property
    def files(self) -> dict[str, int]:
        """The files of the directory and their sizes in bytes."""
        found = (path for path in sorted(self.directory.iterdir()) if path.is_file())
        return {path.name: path.stat().st_size for path in found}


def export_model(
    request: Request,
    into: Path,
    photographs: Sequence[Planes] = (),
    tell: Progress = silent,
    *,
    told: Mapping[str, str] = NOTHING,
) -> Exported:
    """Make `into/<name>` a model directory of an open_clip model.

    Everything is made and checked in a scratch folder; files are moved when all is well, and the
    manifest comes last. What fails leaves no manifest, and an older export as it was.

    Args:
        request: which model, with which weights.
        into: where models lie.
        photographs: to compare the preprocessing on; none: made pictures.
        tell: told of the progress.
        told: fields of the manifest for people (`summary`, `licence`, `homepage`), where more is
            known than open_clip says.

    Raises:
        ExportError: there is no such model, it is too large, cannot be exported or written, or what
            came out does not agree with the original.
        FetchError: the weights cannot be downloaded.
        ModelFileError: the weights are damaged or of another architecture.
        BackendUnavailableError: the `export` extra is not installed.
    """
    recipe = _recipe(request)
    target = target_of(request, into)
    module = build(request, recipe)
    with workshop(target) as scratch:
        require_room(scratch, 2 * size_bytes(module))
        weights = obtain(request, recipe, tell)
        job = Job(request, weights, finish(module, weights.path), scratch, tell)
        exported = _work(job, target, photographs, told)
        publish(scratch, target)
    return exported


def _recipe(request: Request) -> Recipe:
    tags = _open_clip.recipes(request.model)
    return choose(request, _open_clip.architectures(), tags, _open_clip.default_recipe())


def _work(
    job: Job, target: Path, photographs: Sequence[Planes], told: Mapping[str, str]
) -> Exported:
    manifest, image, preparation = export_image(job, photographs)
    text = export_text(job, manifest) if job.request.text else None
    checked = f"to torch: {_differences(image, text)}; {preparation}"
    manifest = checked_manifest(manifest, **told, checked=checked)
    job.write(FILE_NAME, to_toml(manifest).encode())
    return Exported(target, manifest, preparation, image, text)


def _differences(image: float, text: float | None) -> str:
    return f"image {image:.1e}" + (f", text {text:.1e}" if text is not None else "")
