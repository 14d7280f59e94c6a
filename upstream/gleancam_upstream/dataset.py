"""A folder of samples. A sample is in it when its line is in `index.jsonl`.

    images/<camera>/<sample_id>.jpg     the picture
    samples/<camera>/<sample_id>.json   the manifest
    index.jsonl                         one line for each sample, in order of arrival
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

from gleancam.wire.sample_data import SampleData
from gleancam_upstream.arrivals import Arrival, EventArrived, SampleArrived, StatusArrived
from gleancam_upstream.durable import sync_directory, write_durably
from gleancam_upstream.errors import DatasetError
from gleancam_upstream.journal import Journal
from gleancam_upstream.lines import EventLine, IndexLine, event_line, index_line
from gleancam_upstream.seen import SeenIds


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
            self.seen = SeenIds(_ids(self._index, IndexLine, "sample_id"))
            self.seen.add(_ids(self._events, EventLine, "event_id"))
            self._opened = opened.pop_all()

    def __enter__(self) -> FolderDataset:
        return self

    def __exit__(self, *exception: object) -> None:
        self._opened.close()

    def write(self, arrivals: Iterable[Arrival]) -> tuple[SampleArrived | EventArrived, ...]:
        """Write durably, and return what may be acknowledged now.

        Raises:
            OSError: the disk is full or broken; nothing of this call may be acknowledged.
        """
        taken = tuple(arrivals)
        samples = tuple(one for one in taken if isinstance(one, SampleArrived))
        self._write_files(samples)
        events = [event_line(one) for one in taken if isinstance(one, EventArrived | StatusArrived)]
        if events:
            self._events.append(map(msgspec.json.encode, events))
        if samples:
            now_ns = time.time_ns()
            self._index.append(msgspec.json.encode(index_line(one, now_ns)) for one in samples)
        return tuple(one for one in taken if isinstance(one, SampleArrived | EventArrived))

    def _write_files(self, samples: Iterable[SampleArrived]) -> None:
        folders = set()
        for sample in samples:
            image, manifest = paths(self._root, sample.data)
            for path, content in ((image, sample.image), (manifest, sample.raw)):
                if not path.parent.is_dir():
                    path.parent.mkdir(parents=True)
                    folders |= {path.parent.parent, self._root}
                write_durably(path, content)
                folders.add(path.parent)
        for folder in folders:
            sync_directory(folder)


def paths(root: Path, sample: SampleData) -> tuple[Path, Path]:
    """Return where image and manifest of a sample lie; both names are checked ids."""
    image = root / "images" / sample.camera / f"{sample.sample_id}.jpg"
    return image, root / "samples" / sample.camera / f"{sample.sample_id}.json"


def _ids(journal: Journal, kind: type[IndexLine | EventLine], name: str) -> Iterator[str]:
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
