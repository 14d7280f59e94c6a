"""A folder of samples. A sample is in it when its line is in `index.jsonl`.

    images/<camera>/<sample_id>.jpg     the picture
    samples/<camera>/<sample_id>.json   the manifest
    index.jsonl                         one line for each sample, in order of arrival
    pictures.jsonl                      one line for each picture that came after its manifest
    events.jsonl                        events, statuses and infos, in order of arrival

Files are written durably before their line, so a crash leaves at most files without a line, which
the sample's next delivery writes again.
"""

from __future__ import annotations

import fcntl
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import IO, final

import msgspec

from gleancam.wire.address import Address
from gleancam.wire.error import WireError
from gleancam.wire.picture import picture_id
from gleancam.wire.sample import sample_data
from gleancam.wire.sample_data import ImageData, SampleData
from gleancam_upstream.arrivals import (
    Arrival,
    EventArrived,
    Parcel,
    PictureArrived,
    SampleArrived,
    StatusArrived,
)
from gleancam_upstream.durable import sync_directory, write_durably
from gleancam_upstream.errors import DatasetError
from gleancam_upstream.journal import Journal
from gleancam_upstream.lines import (
    EventLine,
    IndexLine,
    PictureLine,
    event_line,
    index_line,
    picture_line,
)
from gleancam_upstream.seen import SeenIds

PICTURES = "pictures.jsonl"


@final
class FolderDataset:
    """The folder, open for writing by one process.

    Attributes:
        seen: the ids of what is in it.
    """

    def __init__(self, root: Path) -> None:
        """Open or make the folder.

        Raises:
            DatasetError: another process has it open, or a line of it cannot be read.
            OSError: it cannot be written.
        """
        self._root = root
        root.mkdir(parents=True, exist_ok=True)
        with ExitStack() as opened:
            opened.enter_context(closing(_locked(root / ".lock")))
            self._index = opened.enter_context(closing(Journal(root / "index.jsonl")))
            self._events = opened.enter_context(closing(Journal(root / "events.jsonl")))
            self._pictures = opened.enter_context(closing(Journal(root / PICTURES)))
            self.seen = SeenIds(_ids(self._index, IndexLine, "sample_id"))
            self.seen.add(_ids(self._events, EventLine, "event_id"))
            self.seen.add(picture_id(one) for one in _ids(self._pictures, PictureLine, "sample_id"))
            self._opened = opened.pop_all()

    def __enter__(self) -> FolderDataset:
        return self

    def __exit__(self, *exception: object) -> None:
        self._opened.close()

    def image_of(self, address: Address) -> ImageData | None:
        """Return what the manifest in the folder says of the picture of an image topic.

        None: there is no such manifest, or none that can be read.
        """
        _, path = _paths(self._root, address.camera_id, address.sample_id)
        try:
            data = sample_data(path.read_bytes())
        except (OSError, WireError):
            return None
        came = (address.topics.site, address.topics.device)
        return data.image if (data.site, data.device) == came else None

    def write(self, arrivals: Iterable[Arrival]) -> tuple[Parcel, ...]:
        """Write durably, and return what may be acknowledged now.

        Raises:
            OSError: the disk is full or broken; nothing of this call may be acknowledged.
        """
        taken = tuple(arrivals)
        samples = tuple(one for one in taken if isinstance(one, SampleArrived))
        pictures = tuple(one for one in taken if isinstance(one, PictureArrived))
        self._write_files([*self._sample_files(samples), *self._picture_files(pictures)])
        events = [event_line(one) for one in taken if isinstance(one, EventArrived | StatusArrived)]
        if events:
            self._events.append(map(msgspec.json.encode, events))
        if samples:
            now_ns = time.time_ns()
            self._index.append(msgspec.json.encode(index_line(one, now_ns)) for one in samples)
        if pictures:
            now_ns = time.time_ns()
            lines = (msgspec.json.encode(picture_line(one, now_ns)) for one in pictures)
            self._pictures.append(lines)
        return tuple(one for one in taken if isinstance(one, Parcel))

    def _sample_files(self, samples: Iterable[SampleArrived]) -> Iterator[tuple[Path, bytes]]:
        for sample in samples:
            image, manifest = paths(self._root, sample.data)
            if sample.image is not None:
                yield image, sample.image
            yield manifest, sample.raw

    def _picture_files(self, pictures: Iterable[PictureArrived]) -> Iterator[tuple[Path, bytes]]:
        for one in pictures:
            image, _ = _paths(self._root, one.address.camera_id, one.sample_id)
            yield image, one.image

    def _write_files(self, files: Iterable[tuple[Path, bytes]]) -> None:
        folders = set()
        for path, content in files:
            if not path.parent.is_dir():
                path.parent.mkdir(parents=True)
                folders |= {path.parent.parent, self._root}
            write_durably(path, content)
            folders.add(path.parent)
        for folder in folders:
            sync_directory(folder)


def paths(root: Path, sample: SampleData) -> tuple[Path, Path]:
    """Return where image and manifest of a sample lie; both names are checked ids."""
    return _paths(root, sample.camera, sample.sample_id)


def _paths(root: Path, camera_id: str, sample_id: str) -> tuple[Path, Path]:
    image = root / "images" / camera_id / f"{sample_id}.jpg"
    return image, root / "samples" / camera_id / f"{sample_id}.json"


def _ids(
    journal: Journal, kind: type[IndexLine | EventLine | PictureLine], name: str
) -> Iterator[str]:
    for number, line in enumerate(journal.lines(), 1):
        try:
            found: str = getattr(msgspec.json.decode(line, type=kind), name)
        except msgspec.DecodeError as error:
            raise DatasetError(
                f"{journal.name} line {number} cannot be read: {error}", cure="mend or remove it"
            ) from error
        if found:
            yield found


def _locked(path: Path) -> IO[bytes]:
    file = path.open("ab")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        file.close()
        raise DatasetError(
            f"{path.parent} is in use by another process", cure="choose another folder"
        ) from error
    return file
