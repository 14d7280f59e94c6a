"""Recognisable secrets everywhere a daemon takes them, and nowhere in anything it gives."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from brokers import Broker
from gleancam.demo.broker import free_port
from gleancam.demo.child import Child
from mqtt_rig import Peer, peer
from rtsp_servers import password_server

pytestmark = [pytest.mark.models, pytest.mark.timeout(180)]

USER, WORD = "north-yard.d-1", "Xq7-broker-word"
URL_USER, URL_WORD = "Xq7-url-user", "Xq7-url-word"
FILE_USER, FILE_WORD = "Xq7-file-user", "Xq7-file-word"
PARAMETER = "Xq7-parameter"
ASKED = ("/metrics", "/healthz", "/readyz", "/nothing?password=Xq7-asked")
SECRETS = (WORD, URL_USER, URL_WORD, FILE_USER, FILE_WORD, PARAMETER, "Xq7")

CONFIG = """
site = "north-yard"
device = "d-1"
log_level = "debug"
[[cameras]]
id = "ball"
source = "test"
pattern = "ball"
fps = 10.0
[[cameras]]
id = "in-url"
source = "rtsp"
url = "rtsp://{url_user}:{url_word}@127.0.0.1:{rtsp}/gate?token={parameter}"
[[cameras]]
id = "in-file"
source = "rtsp"
url = "rtsp://127.0.0.1:{rtsp}/gate"
credentials_file = "{folder}/camera"
[[cameras]]
id = "refused"
source = "rtsp"
url = "rtsp://{url_user}:{url_word}@127.0.0.1:{closed}/gone"
[models]
directory = "{models}"
[spool]
path = "{folder}/state/spool.db"
reserve_bytes = 1
[mqtt]
host = "127.0.0.1"
port = {broker}
username_file = "credential:user"
password_file = "credential:word"
confirm = "puback"
[http]
port = {http}
"""


@dataclass
class Site:
    folder: Path
    broker: Broker
    http_port: int
    rtsp_port: int
    models: Path

    @property
    def config(self) -> Path:
        return self.folder / "config.toml"

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "CREDENTIALS_DIRECTORY": str(self.folder / "credentials")}

    def write(self, word: str = WORD) -> None:
        for name, content in (
            ("credentials/user", USER),
            ("credentials/word", word),
            ("camera", f"{FILE_USER}:{FILE_WORD}"),
        ):
            path = self.folder / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(f"{content}\n")
            path.chmod(0o600)
        (self.folder / "state").mkdir(exist_ok=True)
        self.config.write_text(
            CONFIG.format(
                folder=self.folder,
                models=self.models,
                broker=self.broker.port,
                http=self.http_port,
                rtsp=self.rtsp_port,
                closed=free_port(),
                url_user=URL_USER,
                url_word=URL_WORD,
                parameter=PARAMETER,
            )
        )

    def daemon(self, name: str) -> Child:
        command = [sys.executable, "-m", "gleancam", "run", f"--config={self.config}"]
        command += [f"--metrics-file={self.folder / 'state' / f'{name}.prom'}"]
        return Child(name, ["env", *self._settings(), *command], self.folder / f"{name}.log")

    def _settings(self) -> list[str]:
        return [f"CREDENTIALS_DIRECTORY={self.folder / 'credentials'}"]

    def said(self, *arguments: str) -> str:
        command = [sys.executable, "-m", "gleancam", *arguments, "--config", str(self.config)]
        done = subprocess.run(
            command, env=self.environment, capture_output=True, text=True, check=False
        )
        return done.stdout + done.stderr


@pytest.fixture
def site(tmp_path: Path, models_directory: Path) -> Iterator[Site]:
    passwords = tmp_path / "passwords"
    for user, word in ((USER, WORD), ("peer", "peer")):
        flag = () if passwords.exists() else ("-c",)
        command = ["mosquitto_passwd", "-b", *flag, str(passwords), user, word]
        subprocess.run(command, check=True)
    broker = Broker(tmp_path, ("allow_anonymous false", f"password_file {passwords}"))
    broker.start()
    # Both cameras' passwords are wrong: errors are where secrets get out.
    with password_server("another") as rtsp_port:
        made = Site(tmp_path, broker, free_port(), rtsp_port, models_directory)
        made.write()
        yield made
    broker.stop()


def page(site: Site, path: str) -> str:
    url = f"http://127.0.0.1:{site.http_port}{path}"
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return str(answer.read().decode())
    except urllib.error.HTTPError as error:
        return str(error.read().decode())


def wait_for_metrics(site: Site, child: Child, wanted: tuple[str, ...]) -> str:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        child.require_alive()
        try:
            text = page(site, "/metrics")
        except OSError:
            text = ""
        if all(one in text for one in wanted):
            return text
        time.sleep(0.2)
    raise AssertionError(f"{wanted} did not come:\n{text}")


def everything_said(listener: Peer) -> str:
    return "".join(
        f"{message.topic} {bytes(message.payload)!r} {message.properties}"
        for message in list(listener.messages.queue)
    )


def wait_for_messages(listener: Peer, wanted: tuple[str, ...]) -> None:
    deadline = time.monotonic() + 60
    while not all(one in everything_said(listener) for one in wanted):
        assert time.monotonic() < deadline, f"{wanted} did not all come"
        time.sleep(0.2)


def assert_clean(where: str, text: str) -> None:
    leaked = [secret for secret in SECRETS if secret in text]
    at = text.find(leaked[0]) if leaked else 0
    assert not leaked, f"{where}: …{text[max(0, at - 200) : at + 60]}…"


def test_no_secret_leaves_a_daemon(site: Site) -> None:
    with peer(site.broker.port, username="peer") as listener:
        listener.subscribe("#")
        child = site.daemon("whole")
        try:
            wanted = ('restarts_total{camera="in-url"', 'restarts_total{camera="in-file"')
            wait_for_metrics(site, child, (*wanted, 'restarts_total{camera="refused"'))
            wait_for_messages(listener, ("/info", "/cam/in-url/status", "/cam/ball/image/"))
            command_line = Path(f"/proc/{child._process.pid}/cmdline").read_text()
            pages = [page(site, path) for path in ASKED]
        finally:
            child.stop()
        messages = everything_said(listener)

    assert_clean("messages", messages)
    assert_clean("command line", command_line)
    assert_clean("pages", "".join(pages))
    assert_clean("log", (site.folder / "whole.log").read_text())
    assert_clean_files(site)


def test_a_refused_password_and_a_crash_say_nothing(site: Site) -> None:
    site.write("Xq7-wrong-word")
    child = site.daemon("refused")
    try:
        wait_for_metrics(site, child, ("frames_pulled",))
        log = site.folder / "refused.log"
        deadline = time.monotonic() + 60
        while "Not authorized" not in log.read_text() and time.monotonic() < deadline:
            time.sleep(0.2)
    finally:
        child.stop()
    (site.folder / "credentials" / "word").chmod(0o644)
    crashed = site.said("run")

    assert "Not authorized" in log.read_text()
    assert_clean("log", log.read_text())
    assert "open to other users" in crashed
    assert_clean("crash", crashed)
    assert_clean_files(site)


@pytest.mark.parametrize("spoil", ["", "site = 5\npasword = 'Xq7-typo'\n"], ids=["valid", "broken"])
def test_what_looks_at_a_configuration_shows_no_secret(site: Site, spoil: str) -> None:
    text = site.config.read_text()
    site.config.write_text(spoil + text.replace('site = "north-yard"\n', "") if spoil else text)
    asked = (("check",), ("check", "--json"), ("doctor",), ("doctor", "--json"), ("spool", "stat"))
    for arguments in asked:
        said = site.said(*arguments)
        assert said
        assert_clean(" ".join(arguments), said)


def assert_clean_files(site: Site) -> None:
    """Spool, decision log, metrics file: byte for byte."""
    files = [path for path in (site.folder / "state").rglob("*") if path.is_file()]
    assert any(path.name == "spool.db" for path in files)
    for path in files:
        assert_clean(path.name, path.read_bytes().decode("latin-1"))


def test_this_test_would_notice(site: Site) -> None:
    with pytest.raises(AssertionError, match="Xq7"):
        assert_clean("configuration", site.config.read_text())
