"""A whole site on one machine: broker, simulated cameras, consumer, daemon."""

from __future__ import annotations

import json
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gleancam.demo.broker import free_port, start_broker
from gleancam.demo.child import Child, ChildError
from gleancam.demo.counts import Counts

READY_TIMEOUT_S = 120.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What to run.

    Attributes:
        config: the daemon's configuration; broker, spool, models and camera URLs are overridden.
        footage: camera id to video file; the configuration has an `rtsp` camera for each.
        out: the consumer writes here; logs and the spool go to `out/run`.
        models: the models' directory.
    """

    config: Path
    footage: Mapping[str, Path]
    out: Path
    models: Path

    @property
    def scratch(self) -> Path:
        """Where logs, the spool and the broker's files go."""
        return self.out / "run"


class Site:
    """Starts the parts downstream-first and stops them upstream-first.

    Raises:
        ChildError: a part did not start.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.http_port = free_port()
        self.broker, self.broker_port = start_broker(plan.scratch)
        self._children = [self.broker]
        try:
            self._consumer = self._start_consumer()
            self._cameras, self.urls = self._start_cameras()
            self.daemon = self.start_daemon()
        except ChildError:
            self.kill()
            raise

    def start_daemon(self) -> Child:
        """Start the daemon; also to be called after it was killed."""
        settings = [
            'mqtt.host="127.0.0.1"',
            f"mqtt.port={self.broker_port}",
            f"http.port={self.http_port}",
            f"models.directory={json.dumps(str(self.plan.models))}",
            f"spool.path={json.dumps(str(self.spool))}",
            *(f"cameras.{camera}.url={json.dumps(url)}" for camera, url in self.urls.items()),
        ]
        self.daemon = self._child(
            "daemon",
            "gleancam",
            "run",
            f"--config={self.plan.config}",
            f"--metrics-file={self.metrics_file}",
            *(f"--set={setting}" for setting in settings),
        )
        return self.daemon

    @property
    def spool(self) -> Path:
        """The daemon's spool."""
        return self.plan.scratch / "spool.db"

    @property
    def consumer_pid(self) -> int:
        """Process id of the consumer."""
        return self._consumer.pid

    @property
    def metrics_file(self) -> Path:
        """Where the daemon leaves its last counts."""
        return self.plan.scratch / "final.prom"

    def wait_until_ready(self) -> None:
        """Wait for the daemon's `/readyz`.

        Raises:
            ChildError: it ended, or was not ready in time.
        """
        deadline = time.monotonic() + READY_TIMEOUT_S
        while time.monotonic() < deadline:
            self.require_alive()
            if self._get("readyz") is not None:
                return
            time.sleep(0.2)
        raise ChildError("the daemon is not ready", cure=f"read {self.daemon.log}")

    def counts(self) -> Counts | None:
        """Read the daemon's metrics now; None while it cannot answer."""
        exposition = self._get("metrics")
        return None if exposition is None else Counts(exposition)

    def require_alive(self) -> None:
        """Check every part.

        Raises:
            ChildError: a part has ended.
        """
        for child in self._children:
            child.require_alive()

    def stop_daemon(self) -> tuple[int, Counts]:
        """Stop the daemon; return its exit code and its last counts."""
        code, _ = self.daemon.stop()
        return code, Counts(self.metrics_file.read_text())

    def stop_consumer(self) -> tuple[int, dict[str, object]]:
        """Stop the consumer; return its exit code and its summary."""
        code, output = self._consumer.stop()
        summary: dict[str, object] = json.loads(output)
        return code, summary

    def kill(self) -> None:
        """End whatever still runs."""
        for child in reversed(self._children):
            child.kill()

    def _start_consumer(self) -> Child:
        return self._child(
            "consumer",
            "gleancam_upstream",
            "consume",
            f"--out={self.plan.out}",
            "--host=127.0.0.1",
            f"--port={self.broker_port}",
            "--site=demo",
            "--json",
        )

    def _start_cameras(self) -> tuple[Child, dict[str, str]]:
        streams = [f"{camera}={path}" for camera, path in self.plan.footage.items()]
        cameras = self._child("cameras", "gleancam", "simulate", *streams, "--loop", "--json")
        urls: dict[str, str] = json.loads(cameras.read_line())["urls"]
        return cameras, urls

    def _child(self, name: str, module: str, *arguments: str) -> Child:
        command = [sys.executable, "-m", module, *arguments]
        child = Child(name, command, self.plan.scratch / f"{name}.log")
        self._children = [kept for kept in self._children if kept.name != name] + [child]
        return child

    def _get(self, path: str) -> str | None:
        url = f"http://127.0.0.1:{self.http_port}/{path}"
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                return str(answer.read().decode())
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            return None
