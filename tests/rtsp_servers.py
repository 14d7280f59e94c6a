"""RTSP servers as children: the simulator, and one that wants a password."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_GUARDED_SERVER = """
import sys
from gleancam.sources._gst import glib, gst_rtsp_server
S = gst_rtsp_server()
server = S.RTSPServer.new()
server.set_address("127.0.0.1")
server.set_service("0")
auth = S.RTSPAuth.new()
token = S.RTSPToken()
token.set_string("media.factory.role", "viewer")
auth.add_basic(S.RTSPAuth.make_basic("viewer", sys.argv[1]), token)
server.set_auth(auth)
factory = S.RTSPMediaFactory.new()
factory.set_launch("( videotestsrc is-live=true ! video/x-raw,format=I420,width=64,height=48,"
                   "framerate=25/1 ! jpegenc ! rtpjpegpay name=pay0 )")
factory.add_role_from_structure(__import__("gi.repository.Gst", fromlist=["x"]).Structure
    .new_from_string("viewer, media.factory.access=(boolean)true,"
                     "media.factory.construct=(boolean)true"))
server.get_mount_points().add_factory("/gate", factory)
server.attach(None)
print(server.get_bound_port(), flush=True)
glib().MainLoop.new(None, False).run()
"""


@dataclass(frozen=True)
class Server:
    process: subprocess.Popen[str]
    urls: dict[str, str]


@contextmanager
def simulator(*options: str, **files: Path) -> Iterator[Server]:
    streams = [f"{name}={path}" for name, path in files.items()]
    command = [sys.executable, "-m", "gleancam", "simulate", *streams, "--json", *options]
    with _child(command) as process:
        assert process.stdout is not None
        yield Server(process, json.loads(process.stdout.readline())["urls"])


@contextmanager
def password_server(password: str) -> Iterator[int]:
    with _child([sys.executable, "-c", _GUARDED_SERVER, password]) as process:
        assert process.stdout is not None
        yield int(process.stdout.readline())


@contextmanager
def _child(command: list[str]) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()
