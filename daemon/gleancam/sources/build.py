"""From a camera's configuration to its source."""

from __future__ import annotations

from pathlib import Path

from gleancam.config.keys import (
    AnyCamera,
    CsiCamera,
    FileCamera,
    ImagesCamera,
    RtspCamera,
    TestCamera,
    V4l2Camera,
)
from gleancam.credentials import hide_credentials
from gleancam.sources.base import Source
from gleancam.sources.decoding import Landing
from gleancam.sources.gstreamer import GStreamerSource
from gleancam.sources.images import ImagesSource
from gleancam.sources.local_camera import open_csi, open_painted, open_v4l2
from gleancam.sources.media_file import open_file
from gleancam.sources.pipeline import Pipeline
from gleancam.sources.rtsp import open_rtsp


def open_source(camera: AnyCamera) -> Source:
    """Make the source of a camera; nothing is opened before it runs."""
    match camera:
        case RtspCamera():
            return GStreamerSource(camera, open_rtsp, hide_credentials(camera.url))
        case FileCamera():
            return GStreamerSource(camera, _open_file, camera.path, live=False, loop=camera.loop)
        case V4l2Camera():
            return GStreamerSource(camera, open_v4l2, camera.device)
        case CsiCamera():
            return GStreamerSource(camera, open_csi, f"CSI sensor {camera.sensor_id}")
        case TestCamera():
            return GStreamerSource(camera, open_painted, "test picture")
        case ImagesCamera():
            return ImagesSource(camera)


def _open_file(pipeline: Pipeline, camera: FileCamera, landing: Landing) -> None:
    open_file(pipeline, Path(camera.path), landing)
