"""Python, and GStreamer with its elements."""

from __future__ import annotations

import importlib.util
import platform
from collections.abc import Iterator

from gleancam.doctor.finding import Finding, fail, ok, warn
from gleancam.errors import SourceError
from gleancam.sources._gst import APT_PACKAGES, gst
from gleancam.sources.decoders import CODECS
from gleancam.sources.graph import available

INSTALL = "apt-get install --no-install-recommends " + " ".join(APT_PACKAGES)
PART = "gstreamer"

ELEMENTS = (
    "appsink",
    "filesrc",
    "rtspsrc",
    "videoconvert",
    "videorate",
    "videotestsrc",
    "watchdog",
)
"""What every pipeline is made of, whatever the codec."""
CAMERA_CODECS = {"video/x-h264": "H.264", "video/x-h265": "H.265", "image/jpeg": "JPEG"}


def examine() -> Iterator[Finding]:
    """Look at Python, its binding to GStreamer, the elements and the decoders."""
    yield ok("python", f"{platform.python_version()} on {platform.machine()}")
    try:
        version = gst().version_string()
    except SourceError as error:
        yield fail(PART, str(error), f"{INSTALL}; the venv links the distribution's `gi`")
        return
    yield ok(PART, version)
    if importlib.util.find_spec("gi.overrides.Gst") is None:
        yield warn(PART, "pictures are copied twice", "apt-get install python3-gst-1.0")
    yield from _elements()
    for caps, name in CAMERA_CODECS.items():
        yield _decoder(caps, name)


def _elements() -> Iterator[Finding]:
    for element in ELEMENTS:
        if not available(element):
            yield fail(PART, f"there is no element {element}", INSTALL)


def _decoder(caps: str, name: str) -> Finding:
    codec = CODECS[caps]
    if codec.parser and not available(codec.parser):
        return fail("decoder", f"{name}: there is no {codec.parser}", INSTALL)
    for chain in codec.decoders:
        if all(available(element) for element in chain):
            return ok("decoder", f"{name}: {' ! '.join(chain)}")
    return fail("decoder", f"{name}: nothing decodes it", INSTALL)
