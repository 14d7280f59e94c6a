"""A hub on loopback, as much of one as its client needs to download a file: HEAD, GET, ranges."""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

COMMIT = "0123456789abcdef0123456789abcdef01234567"


class LocalHub:
    """Serves the files of a folder as `/{organisation}/{repository}/resolve/main/{file}`.

    Attributes:
        folder: holds `organisation/repository/file`.
        requests: method, path and range of each, in order.
        break_after: bytes after which the next download breaks off; then it is None.
        damage: whether zeros are sent in place of what is there.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.requests: list[tuple[str, str, str]] = []
        self.break_after: int | None = None
        self.damage = False
        self.url = ""

    def content(self, path: str) -> bytes | None:
        match = re.fullmatch(r"/([^/]+/[^/]+)/resolve/main/([^/?]+)", path)
        file = self.folder / match[1] / match[2] if match else self.folder / "none"
        return file.read_bytes() if file.is_file() else None

    def asked(self) -> list[str]:
        """Return the ranges of all downloads of files, in order."""
        return [
            wanted
            for method, path, wanted in self.requests
            if method == "GET" and "/resolve/" in path
        ]


class _Server(ThreadingHTTPServer):
    hub: LocalHub


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        self._answer(body=True)

    def _answer(self, *, body: bool) -> None:
        hub, wanted = self.server.hub, self.headers.get("Range", "")
        hub.requests.append((self.command, self.path, wanted))
        content = hub.content(self.path)
        if content is None:
            self._say(404, {"X-Error-Code": "EntryNotFound", "Content-Length": "0"})
            return
        start = int(wanted.removeprefix("bytes=").split("-")[0]) if wanted else 0
        headers = {
            "ETag": f'"{hashlib.sha256(content).hexdigest()}"',
            "X-Repo-Commit": COMMIT,
            "Content-Length": str(len(content) - start),
        }
        if wanted:
            headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        self._say(206 if wanted else 200, headers)
        if body:
            self._send(content[start:])

    def _say(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def _send(self, content: bytes) -> None:
        hub = self.server.hub
        limit, hub.break_after = hub.break_after, None
        self.wfile.write(bytes(len(content)) if hub.damage else content[:limit])
        self.close_connection = limit is not None

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


@contextmanager
def local_hub(folder: Path) -> Iterator[LocalHub]:
    """Run a hub for as long as the block takes."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.hub = LocalHub(folder)
    server.hub.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.hub
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
