"""Opening a video file: what it must be before GStreamer sees it, and its demuxer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gleancam.sources.containers import demuxer
from gleancam.sources.decoders import RAW, codec_of, is_video
from gleancam.sources.decoding import Landing
from gleancam.sources.faults import fault
from gleancam.sources.graph import caps_name, chain, make
from gleancam.sources.pipeline import Pipeline


def require_file(path: Path) -> None:
    """Check that there is something to read.

    Raises:
        SourceError: the file is missing, no regular file, unreadable or empty.
    """
    try:
        if not path.is_file():
            raise fault("missing_file", f"there is no file {path}")
        with path.open("rb") as file:
            if not file.read(1):
                raise fault("empty", f"{path} is empty")
    except OSError as error:
        raise fault("missing_file", f"{path} cannot be read ({error.strerror})") from error


def open_file(pipeline: Pipeline, path: Path, landing: Landing) -> None:
    """Put file reader and demuxer into a pipeline; the first video stream lands.

    Raises:
        SourceError: the file is missing or empty.
    """
    require_file(path)
    find = make("typefind")

    def found(_find: Any, _probability: int, caps: Any) -> None:
        demux = demuxer(caps)
        pipeline.on_pad(demux, land, is_video)
        chain(pipeline.element, find, demux)

    def land(pad: Any, caps: Any) -> None:
        landing.decode(pad, None if caps_name(caps) == RAW else codec_of(caps))

    pipeline.connect(find, "have-type", found)
    chain(pipeline.element, make("filesrc", location=str(path)), find)
