"""What a GStreamer error message means: the kind of `cam/{cam}/status`, the words, the cure."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from gleancam.credentials import HIDDEN, hide_credentials
from gleancam.errors import SourceError

# (domain, code nick) -> kind. GStreamer's own names: gsterror.h
_KINDS = {
    ("resource", "not-found"): "not_found",
    ("resource", "not-authorized"): "unauthorised",
    ("resource", "open-read"): "refused",
    ("resource", "open-read-write"): "refused",
    ("resource", "open-write"): "refused",
    ("resource", "busy"): "busy",
    ("resource", "read"): "disconnected",
    ("resource", "write"): "disconnected",
    ("resource", "settings"): "unsupported",
    ("stream", "type-not-found"): "corrupt",
    ("stream", "demux"): "corrupt",
    ("stream", "decode"): "corrupt",
    ("stream", "wrong-type"): "unsupported",
    ("stream", "codec-not-found"): "unsupported",
    ("stream", "format"): "unsupported",
    ("stream", "encrypted"): "unsupported",
    ("stream", "not-implemented"): "unsupported",
    ("core", "missing-plugin"): "unsupported",
    ("core", "negotiation"): "unsupported",
}
CURES = {
    "not_found": "check the path in the camera's URL, or its device",
    "unauthorised": "check credentials_file: one line, user:password",
    "refused": "check that the camera is on, and its address and port",
    "busy": "end whatever else uses the device",
    "disconnected": "check the network between here and the camera",
    "stalled": "check the camera and its network; stall_timeout_s is the patience",
    "end_of_stream": "the camera ended the stream; check it if this happens often",
    "unsupported": "set the camera to H.264, H.265 or MJPEG",
    "corrupt": "check the file or the camera's encoder",
    "missing_file": "check the path and that its disk is mounted",
    "empty": "write the file again",
    "failed": "run gleancam doctor",
}
PERMANENT = {"unsupported"}


def fault(kind: str, what: str) -> SourceError:
    """Make the error of a kind, with the kind's cure."""
    return SourceError(kind, what, cure=CURES[kind], transient=kind not in PERMANENT)


def fault_of(message: Any, where: str, secrets: Collection[str]) -> SourceError:
    """Turn an ERROR message of the bus into a source error.

    GStreamer's debug text is left out: it repeats URLs, and source lines help nobody on a site.
    """
    error, _debug = message.parse_error()
    kind = _kind(message, error)
    said = "no picture arrived in time" if kind == "stalled" else error.message
    return fault(kind, _scrub(where + said, secrets).strip().rstrip("."))


def _scrub(text: str, secrets: Collection[str]) -> str:
    text = hide_credentials(text)
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    return text


def _kind(message: Any, error: Any) -> str:
    factory = message.src.get_factory() if hasattr(message.src, "get_factory") else None
    if factory is not None and factory.get_name() == "watchdog":
        return "stalled"
    return _KINDS.get((_domain(error.domain), _nick(error)), "failed")


def _domain(quark: str) -> str:
    # "gst-resource-error-quark" -> "resource"
    return quark.removeprefix("gst-").removesuffix("-quark").removesuffix("-error")


def _nick(error: Any) -> str:
    from gleancam.sources._gst import gst

    enums = {"resource": gst().ResourceError, "stream": gst().StreamError, "core": gst().CoreError}
    enum = enums.get(_domain(error.domain))
    return str(enum(error.code).value_nick) if enum is not None else ""
