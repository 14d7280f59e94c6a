"""Models whose files are exports: having one means exporting it, unless it is here."""

from __future__ import annotations

from pathlib import Path

from gleancam_engines.errors import BackendUnavailableError, ModelFileError
from gleancam_engines.export.exporting import export_model
from gleancam_engines.export.request import Request
from gleancam_engines.fetching.checked import is_whole
from gleancam_engines.fetching.progress import Progress
from gleancam_engines.manifest import FILE_NAME, Manifest, file_path, load
from gleancam_engines.manifest_sources import OpenClipSource
from gleancam_engines.text_tower import FILE_NAME as TEXT_RECORD
from gleancam_engines.text_tower import load_text_tower


def fetch_exported(described: Manifest, source: OpenClipSource, into: Path, tell: Progress) -> Path:
    """Bring the model to `into/<name>` and return that directory.

    Args:
        described: its manifest, of the catalogue or of an earlier export.
        source: of its weights.
        into: where models lie.
        tell: told of the progress.

    Raises:
        EngineError: as `export_model`.
        ModelFileError: it was exported from a file of a person's own, and is damaged.
    """
    target = into.resolve() / described.name
    if _is_here(target, source):
        return target
    if not source.pretrained:
        raise ModelFileError(
            f"{described.name} is damaged, and was exported from a file of weights with sha256 "
            f"{source.weights_sha256}; export that file again: 'gleancam models export "
            f"{source.model} --checkpoint FILE --name {described.name}'"
        )
    _export(described, source, into, tell)
    return target


def _export(described: Manifest, source: OpenClipSource, into: Path, tell: Progress) -> None:
    request = Request(
        model=source.model,
        pretrained=source.pretrained,
        name=described.name,
        fit="squash" if source.squash else "reference",
        weights_sha256=source.weights_sha256,
    )
    people = ("summary", "licence", "homepage")
    told = {name: getattr(described, name) for name in people}
    try:
        export_model(request, into, (), tell, told=told)
    except BackendUnavailableError as error:
        raise BackendUnavailableError(
            f"{described.name} has to be exported: {error}: 'gleancam models export {source.model} "
            f"--pretrained {source.pretrained} --name {described.name}'; then copy the directory"
        ) from error


def _is_here(target: Path, source: OpenClipSource) -> bool:
    """Return whether this very export lies there, whole."""
    if not (target / FILE_NAME).is_file():
        return False
    have = load(target)
    found = have.weights.sources[0]
    if not isinstance(found, OpenClipSource) or _identity(found) != _identity(source):
        return False
    return is_whole(file_path(target, have.weights.name), have.weights) and _text_is_whole(
        target, have
    )


def _identity(source: OpenClipSource) -> tuple[str, str, bool]:
    return source.model, source.pretrained, source.squash


def _text_is_whole(target: Path, image: Manifest) -> bool:
    if not (target / TEXT_RECORD).is_file():
        return True  # it was not asked for
    try:
        weights = load_text_tower(target, image).manifest(image).weights
    except ModelFileError:
        return False
    return is_whole(file_path(target, weights.name), weights)
