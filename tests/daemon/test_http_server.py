"""Metrics and health over real sockets: right answers, and no client that can hold things up."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from http import HTTPStatus
from http.client import HTTPConnection, HTTPResponse

import pytest

from gleancam.errors import ListenError
from gleancam.http_server import PLAIN_TEXT, HttpServer, Page, Pages, verdict
from gleancam.stage import Stage

METRICS = Page(HTTPStatus.OK, PLAIN_TEXT, b"gleancam_up 1\n")


class Site:
    """A server on a port of its own, and what its checks say."""

    def __init__(self) -> None:
        self.crashes: list[BaseException] = []
        self.not_ready = ""
        self.server = HttpServer("127.0.0.1", 0, self.pages())
        self.stage = Stage("http", self.server.run, lambda _, error: self.crashes.append(error))

    def pages(self) -> Pages:
        def broken() -> Page:
            raise RuntimeError("a defect")

        return {
            "/metrics": lambda: METRICS,
            "/healthz": verdict(lambda: ""),
            "/readyz": verdict(lambda: self.not_ready),
            "/broken": broken,
        }

    def ask(self, method: str, path: str) -> tuple[HTTPResponse, bytes]:
        connection = HTTPConnection("127.0.0.1", self.server.port, timeout=20)
        connection.request(method, path)
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        return answer, body

    def send(self, data: bytes, *, half_close: bool = True) -> bytes:
        with socket.create_connection(("127.0.0.1", self.server.port), timeout=20) as client:
            client.sendall(data)
            if half_close:
                client.shutdown(socket.SHUT_WR)
            return client.recv(65536)


@pytest.fixture
def site() -> Iterator[Site]:
    running = Site()
    running.stage.start()
    yield running
    running.stage.stop()
    assert running.stage.join(10)
    assert running.crashes == []


def test_metrics_are_served(site: Site) -> None:
    answer, body = site.ask("GET", "/metrics")

    assert (answer.status, body) == (200, METRICS.body)
    assert answer.headers["Content-Type"] == PLAIN_TEXT


def test_readiness_says_why_not(site: Site) -> None:
    site.not_ready = "engines are loading"
    assert site.ask("GET", "/readyz")[0].status == 503
    assert site.ask("GET", "/readyz")[1] == b"engines are loading\n"

    site.not_ready = ""
    assert site.ask("GET", "/readyz")[0].status == 200
    assert site.ask("GET", "/healthz?verbose")[0].status == 200


def test_the_server_does_not_say_what_it_is(site: Site) -> None:
    for path in ("/metrics", "/nothing"):
        assert "Server" not in site.ask("GET", path)[0].headers


def test_unknown_paths_are_404(site: Site) -> None:
    assert site.ask("GET", "/")[0].status == 404
    assert site.ask("GET", "/../etc/passwd")[0].status == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "HEAD", "OPTIONS", "BREW"])
def test_only_get_is_answered(site: Site, method: str) -> None:
    assert site.ask(method, "/metrics")[0].status == 405


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\r\n\r\n",
        b"GET",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"GET /metrics HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 2000 + b"\r\n",
        b"GET /" + b"a" * 20_000,
        b"\xff" * 9000 + b"\r\n\r\n",
    ],
)
def test_nonsense_does_not_end_the_server(site: Site, data: bytes) -> None:
    with contextlib.suppress(OSError):  # closed with bytes unread: an answer too
        site.send(data)

    assert site.ask("GET", "/healthz")[0].status == 200


def test_a_page_with_a_defect_does_not_end_the_server(site: Site) -> None:
    assert site.send(b"GET /broken HTTP/1.1\r\n\r\n") == b""

    assert site.ask("GET", "/healthz")[0].status == 200


def test_a_client_that_says_nothing_is_dropped(site: Site) -> None:
    assert site.send(b"GET /healthz HTTP/1.1\r\n", half_close=False) == b""


def test_a_client_that_leaves_at_once_is_no_error(site: Site) -> None:
    for _ in range(20):
        socket.create_connection(("127.0.0.1", site.server.port)).close()

    assert site.ask("GET", "/healthz")[0].status == 200


def test_a_taken_port_says_so() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(ListenError, match=rf"127\.0\.0\.1:{port}.*http\.port"):
            HttpServer("127.0.0.1", port, {})


def test_it_listens_on_ipv6_too() -> None:
    server = HttpServer("::1", 0, {"/x": verdict(lambda: "")})
    crashes: list[BaseException] = []
    stage = Stage("http", server.run, lambda _, error: crashes.append(error))
    stage.start()

    connection = HTTPConnection("::1", server.port, timeout=20)
    connection.request("GET", "/x")
    assert connection.getresponse().status == 200

    connection.close()
    stage.stop()
    assert stage.join(10)
    assert crashes == []
