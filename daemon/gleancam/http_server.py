"""`/metrics`, `/healthz` and `/readyz` over HTTP, one request at a time.

A client has two seconds to send at most 8 KiB of request and two more to take the answer, so that
no client can hold up the next for longer.
"""

from __future__ import annotations

import logging
import socket
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from io import BytesIO
from socketserver import TCPServer
from typing import Any, TypeAlias

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from gleancam.errors import ListenError
from gleancam.stage import Pulse

log = logging.getLogger(__name__)

REQUEST_BYTES = 8192
EXCHANGE_S = 2.0
POLL_S = 0.25
PLAIN_TEXT = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Page:
    """An answer."""

    status: HTTPStatus
    content_type: str
    body: bytes


Pages: TypeAlias = Mapping[str, Callable[[], Page]]
"""What is served: path to the function that makes the page."""


def verdict(problem: Callable[[], str]) -> Callable[[], Page]:
    """Make a page of a check: 200 while `problem()` is empty, else 503 with the problem."""

    def page() -> Page:
        why = problem()
        status = HTTPStatus.SERVICE_UNAVAILABLE if why else HTTPStatus.OK
        return Page(status, PLAIN_TEXT, f"{why or 'ok'}\n".encode())

    return page


def metrics_page(registry: CollectorRegistry) -> Callable[[], Page]:
    """Make the page of all metrics in Prometheus' text format."""

    def page() -> Page:
        return Page(HTTPStatus.OK, CONTENT_TYPE_LATEST, generate_latest(registry))

    return page


class HttpServer:
    """A bound socket that `run` serves.

    Args:
        port: 0 lets the system choose; `port` then tells which.

    Raises:
        ListenError: the address is taken or not this machine's.
    """

    def __init__(self, host: str, port: int, pages: Pages) -> None:
        try:
            self._server = _Server(host, port, pages)
        except OSError as error:
            cure = "stop what uses it, or set http.host and http.port"
            raise ListenError(f"cannot listen on {host}:{port}: {error}", cure=cure) from error
        self.port = int(self._server.server_address[1])

    def run(self, pulse: Pulse) -> None:
        """Serve until `pulse.stopping`; the function of a stage."""
        with self._server:
            while not pulse.stopping:
                with pulse.waiting("requests"):
                    self._server.handle_request()


class _Server(TCPServer):
    allow_reuse_address = True
    request_queue_size = 16
    timeout = POLL_S

    def __init__(self, host: str, port: int, pages: Pages) -> None:
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.pages = pages
        super().__init__((host, port), _Exchange)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002 - theirs
        """Log what one request did: http.server parses what strangers send, and must go on."""
        log.error(
            "no answer to %s",
            client_address,
            exc_info=sys.exc_info(),
            extra={"limit": "http"},
        )


class _Exchange(BaseHTTPRequestHandler):
    server: _Server

    def setup(self) -> None:
        """Read the whole request before anything looks at it: that bounds its size and time."""
        self.connection = self.request
        self.rfile = BytesIO(_read_head(self.request))
        self._answer_bytes = self.wfile = BytesIO()

    def finish(self) -> None:
        """Send the answer; a client that goes away or dawdles loses it."""
        self.request.settimeout(EXCHANGE_S)
        try:
            self.request.sendall(self._answer_bytes.getvalue())
        except OSError as error:
            log.debug("answer not taken: %s", error)

    def parse_request(self) -> bool:
        """Refuse every method but GET."""
        if not super().parse_request():
            return False
        if self.command != "GET":
            self.send_error(HTTPStatus.METHOD_NOT_ALLOWED)
            return False
        return True

    def do_GET(self) -> None:
        """Answer with the page of this path."""
        page = self.server.pages.get(self.path.partition("?")[0])
        if page is None:
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        self._answer(page())

    def send_response(self, code: int, message: str | None = None) -> None:
        """Begin an answer without saying which server this is."""
        self.send_response_only(code, message)
        self.send_header("Date", self.date_time_string())

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - name given by http.server
        """Put the server's own lines where all others go."""
        log.debug(format, *args)

    def _answer(self, page: Page) -> None:
        self.send_response(page.status)
        self.send_header("Content-Type", page.content_type)
        self.send_header("Content-Length", str(len(page.body)))
        self.end_headers()
        self.wfile.write(page.body)


def _read_head(connection: socket.socket) -> bytes:
    """Read up to the empty line that ends the headers; what came by then when a bound is hit."""
    deadline = time.monotonic() + EXCHANGE_S
    head = b""
    while b"\r\n\r\n" not in head and len(head) < REQUEST_BYTES:
        connection.settimeout(max(deadline - time.monotonic(), 0.001))
        try:
            received = connection.recv(REQUEST_BYTES - len(head))
        except OSError:
            return b""
        if not received:
            break
        head += received
    return head
