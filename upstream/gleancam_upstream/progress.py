"""How a run looks to a person while it goes on: one line, and a word on a broken link."""

from __future__ import annotations

from typing import final

from rich.console import Console
from rich.live import Live
from rich.text import Text

from gleancam_upstream.consume import Consumer
from gleancam_upstream.counts import Counts


@final
class Progress:
    """A line on stderr, rewritten in place; trouble is printed once, also where no terminal is."""

    def __init__(self, consumer: Consumer) -> None:
        self._consumer = consumer
        self._console = Console(stderr=True)
        self._live = Live(console=self._console, auto_refresh=False, transient=True)
        self._told = ""

    def __enter__(self) -> Progress:
        self._live.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._live.stop()

    def show(self) -> None:
        """Show how things stand."""
        trouble = self._consumer.trouble
        if trouble != self._told and trouble:
            self._console.print(f"no connection: {trouble}", markup=False, highlight=False)
        self._told = trouble
        line = progress_line(self._consumer.counts, online=self._consumer.online)
        self._live.update(line, refresh=True)


def progress_line(counts: Counts, *, online: bool) -> Text:
    """Return one line: whether connected, and what came so far."""
    link = "connected" if online else "no connection"
    return Text(
        f"{link}: {counts.valid['image']} samples, {counts.valid['event']} events, "
        f"{counts.payload_bytes.total() / 1e6:.1f} MB, {counts.duplicates.total()} duplicates, "
        f"{counts.invalid.total()} invalid"
    )
