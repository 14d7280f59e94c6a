"""GStreamer enters here and nowhere else, when the first camera or video is opened."""

from __future__ import annotations

import ctypes
import threading
from typing import Any

from gleancam.errors import SourceError

APT_PACKAGES = (
    "python3-gi",
    "python3-gst-1.0",
    "gir1.2-gst-plugins-base-1.0",
    "gstreamer1.0-plugins-base",
    "gstreamer1.0-plugins-good",
    "gstreamer1.0-plugins-bad",
    "gstreamer1.0-libav",
)
RTSP_SERVER_PACKAGE = "gir1.2-gst-rtsp-server-1.0"


_loading = threading.RLock()
"""Cameras start together. Who asks while another loads must wait: it would find half a module of
`gi.repository`, or a GStreamer without elements."""

_loaded: dict[str, Any] = {}


def gst() -> Any:
    """Return the initialised `Gst` namespace.

    Raises:
        SourceError: GStreamer or its Python bindings are not installed.
    """
    return _namespace("Gst", APT_PACKAGES)


def gst_video() -> Any:
    """Return the `GstVideo` namespace: picture formats and strides.

    Raises:
        SourceError: it is not installed.
    """
    return _namespace("GstVideo", APT_PACKAGES)


def glib() -> Any:
    """Return the `GLib` namespace: main contexts, for the RTSP server alone.

    Raises:
        SourceError: it is not installed.
    """
    return _namespace("GLib", APT_PACKAGES, version="2.0")


def gst_rtsp_server() -> Any:
    """Return the `GstRtspServer` namespace.

    Raises:
        SourceError: it is not installed.
    """
    return _namespace("GstRtspServer", (RTSP_SERVER_PACKAGE,))


def _namespace(name: str, packages: tuple[str, ...], version: str = "1.0") -> Any:
    if name not in _loaded:
        with _loading:
            if name not in _loaded:
                _loaded[name] = _load(name, packages, version)
    return _loaded[name]


def _load(name: str, packages: tuple[str, ...], version: str) -> Any:
    if name == "Gst":
        _keep_exceptions_whole()
        namespace = _import(name, packages, version)
        namespace.init(None)
        return namespace
    gst()
    return _import(name, packages, version)


def _keep_exceptions_whole() -> None:
    """Let C++ exceptions of other libraries be unwound by the library that raised them.

    libgstreamer brings libunwind into the global scope, whose `_Unwind_Resume` then stands before
    that of libgcc. An exception that libgcc began, as ONNX Runtime's are, and libunwind resumes
    ends the process (seen with GStreamer 1.22, ONNX Runtime 1.31). First come, first found.
    """
    ctypes.CDLL("libgcc_s.so.1", mode=ctypes.RTLD_GLOBAL)


def _import(name: str, packages: tuple[str, ...], version: str) -> Any:
    try:
        import gi

        gi.require_version(name, version)
        return getattr(__import__("gi.repository", fromlist=[name]), name)
    except (ImportError, ValueError, AttributeError) as error:
        raise SourceError(
            "unsupported",
            f"the GStreamer namespace {name} cannot be loaded ({error})",
            cure="apt-get install --no-install-recommends " + " ".join(packages),
            transient=False,
        ) from error
