"""An RTSP server that plays files as cameras would: at real speed, to every client from the start.

For demonstrations and tests: it listens on the loopback interface alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, TypeAlias

from gleancam.errors import ConfigurationError
from gleancam.sources._gst import glib, gst_rtsp_server
from gleancam.sources.media_file import require_file
from gleancam.sources.playback import Playback

HOST = "127.0.0.1"
LONGEST_TURN_MS = 100
"""How late a stop may be noticed."""
StreamCodec: TypeAlias = Literal["h264", "jpeg"]


class Simulator:
    """The server: one address per stream, one decoder and encoder per client."""

    def __init__(
        self, streams: Mapping[str, Path], *, port: int = 0, codec: StreamCodec, loop: bool
    ) -> None:
        """Start listening; clients are served while `run` runs.

        Args:
            streams: name, the path of the URL, to file.
            port: 0 takes a free one.
            codec: what the pictures are encoded with.
            loop: whether a stream starts again at the end of its file, or ends.

        Raises:
            ConfigurationError: the port is taken.
            SourceError: a file is missing or empty.
        """
        for path in streams.values():
            require_file(path)
        self._stopping = False
        self._server = gst_rtsp_server().RTSPServer.new()
        self._server.set_address(HOST)
        self._server.set_service(str(port))
        mounts = self._server.get_mount_points()
        for name, path in streams.items():
            mounts.add_factory(f"/{name}", _factory(path, codec, loop=loop))
        if self._server.attach(None) == 0:
            raise ConfigurationError(
                f"port {port} on {HOST} is taken", cure="choose another with --port, or 0"
            )
        self.port = int(self._server.get_bound_port())
        self.urls = {name: f"rtsp://{HOST}:{self.port}/{name}" for name in streams}

    def run(self) -> None:
        """Serve clients until `stop`.

        Turn by turn, since `MainLoop.run` would miss a stop that came just before it.
        """
        context = glib().MainContext.default()
        tick = glib().timeout_add(LONGEST_TURN_MS, lambda: True)
        while not self._stopping:
            context.iteration(True)  # noqa: FBT003 - GLib's own signature
        glib().source_remove(tick)

    def stop(self) -> None:
        """End `run`, also one that has not begun; may be called from a signal handler."""
        self._stopping = True


def _factory(path: Path, codec: StreamCodec, *, loop: bool) -> Any:
    class Factory(gst_rtsp_server().RTSPMediaFactory):  # type: ignore[misc] # gi has no types
        def do_create_element(self, _url: Any) -> Any:
            playback = Playback(path, codec, loop=loop)
            playbacks[playback.element] = playback
            return playback.element

    playbacks: dict[Any, Playback] = {}

    def configured(_factory: Any, media: Any) -> None:
        media.connect("unprepared", lambda media: playbacks.pop(media.get_element()).close())

    factory = Factory()
    factory.connect("media-configure", configured)
    factory.set_shared(False)
    return factory
