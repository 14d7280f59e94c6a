"""Get a model: its manifest says from where, its hashes decide whether that was it."""

from __future__ import annotations

import contextlib
import logging
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from gleancam_engines import catalogue
from gleancam_engines.durable import move
from gleancam_engines.errors import EngineError, FetchError, ModelFileError
from gleancam_engines.export.fetching import fetch_exported
from gleancam_engines.fetching import checked, convert, https, local, package
from gleancam_engines.fetching.progress import Progress, silent
from gleancam_engines.manifest import FILE_NAME, load
from gleancam_engines.manifest_sources import (
    ConvertSource,
    FileSource,
    HttpsSource,
    InputFile,
    ModelFile,
    OpenClipSource,
    PackageSource,
    Source,
)

_log = logging.getLogger(__name__)


def fetch(model: str | Path, into: Path, tell: Progress = silent) -> Path:
    """Bring a model to `into/<name>` and return that directory.

    `model` is a name of the catalogue or a directory with a manifest. Files that are already
    there and whole stay. Every file arrives under a temporary name in the same directory and is
    renamed when it is whole and synced; the manifest comes last.

    Raises:
        ManifestError: there is no such model, or its manifest is wrong.
        ModelFileError: a source held another file than the manifest says, and no other had it.
        FetchError: no source could be reached, or `into` cannot be written.
        EngineError: the model has to be exported first, and that failed.
    """
    origin = catalogue.find(model) if isinstance(model, str) else model
    manifest = load(origin)
    source = manifest.weights.sources[0]
    if isinstance(source, OpenClipSource):
        return fetch_exported(manifest, source, into, tell)
    target = into.resolve() / manifest.name
    with _visit(origin, target, tell) as visit:
        for file in manifest.files:
            visit.bring(file, target / file.name)
        visit.copy_manifest(target)
    return target


def fetch_file(file: InputFile, into: Path, tell: Progress = silent) -> Path:
    """Bring one file that belongs to no model to `into`, in the same way, and return its path.

    Raises:
        ModelFileError: a source held another file, and no other had it.
        FetchError: no source could be reached, or `into` cannot be written.
    """
    folder = into.resolve()
    with _visit(folder, folder, tell) as visit:
        visit.bring(file, folder / file.name)
    return folder / file.name


@contextlib.contextmanager
def _visit(origin: Path, target: Path, tell: Progress) -> Iterator[_Visit]:
    """Give a visit with a scratch folder inside `target`, which goes again if it stays empty."""
    try:
        target.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".fetch-", dir=target) as scratch:
            yield _Visit(origin, Path(scratch), tell)
    except OSError as error:
        raise FetchError(
            f"{target} cannot be written ({error}); choose another directory"
        ) from error
    finally:
        with contextlib.suppress(OSError):  # not there, or not empty: both are fine
            target.rmdir()


class _Visit:
    """One fetch of one model: where its manifest lies, where it may write, whom it tells."""

    def __init__(self, origin: Path, scratch: Path, tell: Progress) -> None:
        self._origin = origin
        self._scratch = scratch
        self._tell = tell

    def bring(self, file: ModelFile | InputFile, target: Path) -> None:
        """Put the file at `target`, unless it is there already."""
        if file.sha256 and checked.is_whole(target, file):
            return
        part = self._scratch / f"{file.name}.part"
        self._first_that_works(file, part)
        move(part, target)

    def copy_manifest(self, target: Path) -> None:
        """Put the manifest beside the files it describes."""
        if target.resolve() == self._origin.resolve():
            return
        part = self._scratch / FILE_NAME
        shutil.copyfile(self._origin / FILE_NAME, part)
        move(part, target / FILE_NAME)

    def _first_that_works(self, file: ModelFile | InputFile, part: Path) -> None:
        errors: list[EngineError] = []
        for source in file.sources:
            error = self._attempt(source, file, part)
            if error is None:
                return
            errors.append(error)
        raise _why(file, errors)

    def _attempt(
        self, source: Source, file: ModelFile | InputFile, part: Path
    ) -> EngineError | None:
        try:
            checked.write(self._read(source), file, part, self._tell)
        except (FetchError, ModelFileError) as error:
            if source is not file.sources[-1]:
                _log.warning(
                    "%s: source %s failed, trying the next: %s", *_told(file, source, error)
                )
            return error
        return None

    def _read(self, source: Source) -> Iterator[bytes]:
        if isinstance(source, FileSource):
            return local.read(source, self._origin)
        if isinstance(source, HttpsSource):
            return https.read(source)
        if isinstance(source, PackageSource):
            return package.read(source, self._scratch, self._tell)
        if isinstance(source, ConvertSource):
            return convert.read(source, self._scratch, self._tell, self.bring)
        return _beside(source)


def _beside(source: OpenClipSource) -> Iterator[bytes]:
    raise ModelFileError(
        f"open_clip {source.model} must be the first source of the manifest's first file: an "
        "export makes a whole model, not a file of one; correct the manifest"
    )


def _told(file: ModelFile | InputFile, source: Source, error: EngineError) -> tuple[object, ...]:
    return file.name, type(source).__struct_config__.tag, error


def _why(file: ModelFile | InputFile, errors: list[EngineError]) -> EngineError:
    """Return a permanent error if any source was reached and held the wrong file."""
    told = "; ".join(str(error) for error in errors)
    if any(isinstance(error, ModelFileError) for error in errors):
        return ModelFileError(f"no source gave {file.name}: {told}")
    return FetchError(f"no source gave {file.name}: {told}; check the network and try again")
