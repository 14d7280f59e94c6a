"""Fetching over real TLS, from a server of our own with a certificate of our own."""

from __future__ import annotations

import contextlib
import ssl
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from gleancam_engines.errors import FetchError, ModelFileError
from gleancam_engines.fetching import checked, https
from gleancam_engines.fetching.progress import silent
from gleancam_engines.manifest_sources import HttpsSource, InputFile

BODY = bytes(range(256)) * 9000


class _Pages(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/plain":
            self.send_response(302)
            self.send_header("Location", "http://localhost/body")
            self.end_headers()
        elif self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", "/body")
            self.end_headers()
        elif self.path == "/body":
            self.send_response(200)
            self.send_header("Content-Length", str(len(BODY)))
            self.end_headers()
            with contextlib.suppress(OSError):  # one test hangs up in the middle
                self.wfile.write(BODY)
        elif self.path == "/cut":
            self.send_response(200)
            self.send_header("Content-Length", str(len(BODY)))
            self.end_headers()
            self.wfile.write(BODY[:1000])
        else:
            self.send_error(404)

    def log_message(self, *_: object) -> None:
        """Keep the test's output clean."""


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("tls")
    key, chain = folder / "key.pem", folder / "cert.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    command += ["-nodes", "-days", "2", "-subj", "/CN=localhost"]
    command += ["-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(chain)]
    subprocess.run(command, check=True, capture_output=True)
    return key, chain


@pytest.fixture
def server(certificate: tuple[Path, Path]) -> Iterator[str]:
    key, chain = certificate
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, key)
    with HTTPServer(("127.0.0.1", 0), _Pages) as httpd:
        httpd.socket = context.wrap_socket(httpd.socket, server_side=True)
        thread = threading.Thread(target=httpd.serve_forever)
        thread.start()
        yield f"https://localhost:{httpd.server_port}"
        httpd.shutdown()
        thread.join()


@pytest.fixture
def trusted(certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[1]))


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("page", ["/body", "/moved"])
def test_gives_the_bytes(server: str, page: str) -> None:
    assert b"".join(https.read(HttpsSource(server + page))) == BODY


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize(
    ("page", "told"), [("/none", "404"), ("/plain", "away from https"), ("/cut", "bytes early")]
)
def test_what_goes_wrong_names_the_host(server: str, page: str, told: str) -> None:
    with pytest.raises(FetchError, match=told):
        b"".join(https.read(HttpsSource(server + page)))


def test_an_unknown_certificate_is_refused(server: str) -> None:
    with pytest.raises(FetchError, match="CERTIFICATE_VERIFY_FAILED"):
        b"".join(https.read(HttpsSource(server + "/body")))


@pytest.mark.usefixtures("trusted")
def test_nothing_beyond_the_declared_size_is_read(server: str, tmp_path: Path) -> None:
    want = InputFile("body.bin", "0" * 64, 1000, (HttpsSource(server),))
    chunks = https.read(HttpsSource(server + "/body"))
    with pytest.raises(ModelFileError, match="longer than the declared 1000 bytes"):
        checked.write(chunks, want, tmp_path / "body.bin", silent)
    assert list(tmp_path.iterdir()) == []
