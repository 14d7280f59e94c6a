"""Making and linking GStreamer elements. Graphs are made in code, never parsed from text."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

from gleancam.errors import SourceError
from gleancam.sources._gst import APT_PACKAGES, gst


def available(factory: str) -> bool:
    """Return whether this machine's GStreamer has the element."""
    return gst().ElementFactory.find(factory) is not None


def make(factory: str, **properties: Any) -> Any:
    """Make an element; underscores in property names become hyphens, a last one is left out.

    Raises:
        SourceError: the element is not installed.
    """
    element = gst().ElementFactory.make(factory, None)
    if element is None:
        raise SourceError(
            "unsupported",
            f"GStreamer has no element {factory!r}",
            cure="apt-get install --no-install-recommends " + " ".join(APT_PACKAGES),
            transient=False,
        )
    for name, value in properties.items():
        element.set_property(name.rstrip("_").replace("_", "-"), value)
    return element


def caps_filter(caps: str) -> Any:
    """Make a capsfilter; `caps` is a constant of the program."""
    return make("capsfilter", caps=gst().Caps.from_string(caps))


def chain(pipeline: Any, *elements: Any) -> None:
    """Add `elements` to a pipeline, link them in order, bring the new ones to its state.

    Those that are already inside keep theirs: their own thread may be the caller's, and their
    state lock held by whoever starts the pipeline.

    Raises:
        SourceError: two of them do not fit together.
    """
    new = [element for element in elements if element.get_parent() is None]
    for element in new:
        # Whoever starts the pipeline meanwhile starts what is inside. A demuxer that starts before
        # it is linked takes the stream for one that cannot be sought in, and a file ends at once.
        element.set_locked_state(True)
        pipeline.add(element)
    for before, after in pairwise(elements):
        _link(before.link, before, after, after)
    # Downstream first: an element that pushes into one that is not active yet stops for good. Still
    # locked: to start a demuxer takes the lock that its caller streams under, and whoever starts
    # the pipeline would wait for that, and the caller for them.
    for element in reversed(new):
        element.sync_state_with_parent()
    for element in reversed(new):
        element.set_locked_state(False)
        if element.get_state(0)[0] != gst().StateChangeReturn.ASYNC:
            # The pipeline may have gone on meanwhile.
            element.sync_state_with_parent()


def link_pad(pad: Any, element: Any) -> None:
    """Link a pad that appeared to the sink pad of an element.

    Raises:
        SourceError: they do not fit together.
    """
    _link(pad.link, pad.get_parent_element(), element, element.get_static_pad("sink"))


def _link(link: Callable[[Any], object], before: Any, after: Any, to: Any) -> None:
    try:
        link(to)
    except gst().LinkError as error:
        names = f"{before.get_factory().get_name()} to {after.get_factory().get_name()}"
        raise SourceError(
            "unsupported",
            f"GStreamer cannot link {names}",
            cure="set the camera to H.264, H.265 or MJPEG",
            transient=False,
        ) from error


def caps_name(caps: Any) -> str:
    """Return the media type of caps, such as `video/x-h264`; empty when there is none."""
    if caps is None or caps.is_any() or caps.get_size() == 0:
        return ""
    return str(caps.get_structure(0).get_name())
