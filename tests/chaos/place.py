"""One site under attack: a real broker, the real daemon and the real consumer as processes."""

from __future__ import annotations

import json
import random
import sys
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from brokers import Broker
from chaos.account import Account, account, undelivered_until
from chaos.flat import Flat
from chaos.witness import Witness
from gleancam.demo.broker import free_port
from gleancam.demo.child import Child
from gleancam.demo.counts import Counts
from made_models import projection, write_model

PATIENCE_S = 120.0
DAEMON = (sys.executable, "-m", "gleancam")
CONFIG = """
site = "yard"
device = "d-1"
[[cameras]]
id = "snow"
source = "test"
pattern = "snow"
width = 160
height = 120
fps = 8.0
[models]
directory = "{folder}/models"
embedder = "projection"
detectors = []
threads = 1
label_deadline_s = 0.1
[selection]
mode = "threshold"
[selection.gate]
enabled = false
[selection.regions]
enabled = false
[selection.heartbeat]
every_s = 0.1
[decisions]
max_bytes = 2_000_000
[spool]
path = "{folder}/spool.db"
reserve_bytes = 1
[mqtt]
host = "127.0.0.1"
port = {port}
ack_timeout_s = 3.0
[http]
port = {http}
"""
STORE = (
    "allow_anonymous true",
    "persistence true",
    "persistence_file store.db",
    "autosave_interval 1",
    "max_queued_messages 0",
)


class ChaosError(Exception):
    """Something that must happen in the end did not."""


class Place:
    """Starts, kills, watches and judges.

    Attributes:
        command: what starts the daemon.
        daemon_port: where the daemon finds the broker, directly or through a proxy.
        violations: of the law, in words.
    """

    def __init__(self, folder: Path, rng: random.Random) -> None:
        self.folder, self.rng = folder, rng
        self.out, self.spool = folder / "out", folder / "spool.db"
        self.http_port = free_port()
        write_model(folder / "models" / "projection", projection())
        store = f"persistence_location {folder}/"
        self.broker = Broker(folder, (*STORE, store))
        self.daemon_port = self.broker.port
        self.command: tuple[str, ...] = DAEMON
        self.extra = ""
        self.violations: list[str] = []
        self.flat = Flat()
        self.duplicates = 0
        self._witness = Witness(self.spool)
        self._daemon: Child | None = None
        self._consumer: Child | None = None

    @property
    def daemon(self) -> Child:
        """The daemon, which was started."""
        assert self._daemon is not None
        return self._daemon

    def start_daemon(self, *settings: str) -> None:
        """Start it; also after it was killed."""
        config = self.folder / "config.toml"
        text = CONFIG.format(folder=self.folder, port=self.daemon_port, http=self.http_port)
        config.write_text(text + self.extra)
        sets = [f"--set={one}" for one in settings]
        command = [*self.command, "run", f"--config={config}", *sets]
        self._daemon = Child("daemon", command, self.folder / "daemon.log")

    def start_consumer(self) -> None:
        """Start the reference consumer, which writes `out`."""
        command = [sys.executable, "-m", "gleancam_upstream", "consume", "--json"]
        command += [f"--out={self.out}", "--host=127.0.0.1", "--site=yard"]
        command += [f"--port={self.broker.port}"]
        self._consumer = Child("consumer", command, self.folder / "consumer.log")

    def kill_daemon(self) -> None:
        """kill -9, then look at once at what it had committed, and judge."""
        self.daemon.kill()
        self._witness.look()
        self.judge()

    def stop_daemon(self) -> None:
        """SIGTERM; it must end with 0."""
        code, _ = self.daemon.stop()
        if code:
            self.violations.append(f"the daemon ended with {code}")
        self._witness.look()

    def end_daemon(self) -> None:
        """Wait for the backlog to be delivered, then stop the daemon."""
        self.drain()
        self.stop_daemon()

    def told(self) -> Counter[str]:
        """How many parcels were given up until now, by reason."""
        return account(self.spool, self.out, set()).lost

    def counts(self) -> Counts | None:
        """The daemon's metrics; None while it does not answer."""
        url = f"http://127.0.0.1:{self.http_port}/metrics"
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                return Counts(answer.read().decode())
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            return None

    def watch(self, seconds: float) -> None:
        """Let time pass, looking at the spool meanwhile."""
        self.wait(lambda: False, "", seconds)

    def wait(self, done: Callable[[], bool], what: str, seconds: float = PATIENCE_S) -> None:
        """Return once `done`, looking at the spool meanwhile.

        Raises:
            ChaosError: it took too long, and `what` is not empty.
        """
        deadline = time.monotonic() + seconds
        while not done():
            self._witness.look()
            if time.monotonic() > deadline:
                if what:
                    raise ChaosError(f"waited {seconds:.0f} s in vain for {what}")
                return
            time.sleep(0.05)

    def committed(self) -> int:
        """How many parcels were ever committed, by SQLite's own count."""
        return self._witness.committed()

    def wait_for_more(self, more: int = 3) -> None:
        """Wait until so many parcels more are committed."""
        wanted = self.committed() + more
        self.wait(lambda: self.committed() >= wanted, f"{more} more parcels")

    def drain(self) -> None:
        """Wait until everything committed by now has left the spool, or is dead."""
        last = self.committed()
        self.wait(lambda: not undelivered_until(self.spool, last), "the backlog to be delivered")

    def judge(self) -> Account:
        """Hold what was committed against what is anywhere."""
        found = account(self.spool, self.out, self._witness.seen)
        self.violations += found.violations
        return found

    def note_flat(self) -> None:
        """Read memory and descriptors of daemon and consumer now."""
        self.flat.note("daemon", self.daemon.pid)
        if self._consumer is not None:
            self.flat.note("consumer", self._consumer.pid)

    def end(self) -> Account:
        """Drain, stop all in order, and judge for the last time."""
        if self.daemon.running:
            self.end_daemon()
        if self._consumer is not None:
            _, output = self._consumer.stop()
            messages = json.loads(output)["messages"]
            self.duplicates += sum(messages[kind]["duplicates"] for kind in ("sample", "event"))
            if invalid := sum(kind["invalid"] for kind in messages.values()):
                self.violations.append(f"{invalid} messages were invalid")
        self.violations += self.flat.grown()
        return self.judge()

    def close(self) -> None:
        """End whatever runs."""
        for child in (self._daemon, self._consumer):
            if child is not None:
                child.kill()
        self.broker.stop()
