"""A GStreamer pipeline that grows while it runs, and says once what went wrong in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Any, final

from gleancam.errors import SourceError
from gleancam.sources._gst import gst
from gleancam.sources.faults import fault, fault_of


@final
class Pipeline:
    """One pipeline, from building to release; used as a context manager.

    Callbacks of GStreamer run on its own threads, where an exception would be lost: the first
    one is kept for `check`.
    """

    def __init__(self, where: str) -> None:
        """Make an empty pipeline; `where` opens the text of its errors."""
        self.element = gst().Pipeline.new(None)
        self.ended = False
        self._where = f"{where}: "
        self._secrets: set[str] = set()
        self._bus = self.element.get_bus()
        self._fault: Exception | None = None
        self._handlers: list[tuple[Any, int]] = []

    def __enter__(self) -> Pipeline:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.element.set_state(gst().State.NULL)
        # A handler that knows its element keeps it, and its descriptors, alive for ever.
        for element, handler in self._handlers:
            element.disconnect(handler)
        self._handlers.clear()
        self._bus.set_flushing(True)

    def hide(self, secrets: Iterable[str]) -> None:
        """Keep these texts out of every error."""
        self._secrets.update(secrets)

    def ready(self, element: Any) -> None:
        """Open what an element stands for, a device, so that it can be asked.

        Raises:
            SourceError: it cannot be opened.
        """
        if element.set_state(gst().State.READY) == gst().StateChangeReturn.FAILURE:
            self.check()
            raise fault("failed", f"{self._where}the device cannot be opened")

    def activate(self) -> None:
        """Make what is inside ready for data, before anything upstream of it is added.

        Elements that are linked only later would otherwise start in any order, and one that pushes
        into one that is not active yet stops for good, without an error.

        Raises:
            SourceError: an element cannot start.
        """
        self._set_state(gst().State.PAUSED)

    def play(self) -> None:
        """Start; what fails at once is raised.

        Raises:
            SourceError: the pipeline cannot start.
        """
        self._set_state(gst().State.PLAYING)

    def _set_state(self, state: Any) -> None:
        if self.element.set_state(state) == gst().StateChangeReturn.FAILURE:
            self.check()
            raise fault("failed", f"{self._where}GStreamer could not start, and gave no reason")

    def check(self) -> None:
        """Read the bus: set `ended` at the end of the stream.

        Raises:
            SourceError: an element or a callback failed.
        """
        kinds = gst().MessageType.ERROR | gst().MessageType.EOS
        while (message := self._bus.pop_filtered(kinds)) is not None:
            if message.type == gst().MessageType.ERROR and self._fault is None:
                self._fault = fault_of(message, self._where, self._secrets)
            self.ended = self.ended or message.type == gst().MessageType.EOS
        if self._fault is not None:
            raise self._fault

    def connect(
        self, element: Any, signal: str, callback: Callable[..., Any], *, failed: Any = None
    ) -> None:
        """Handle a signal until the pipeline ends; what the handler raises, `check` raises.

        The signal's sender then gets `failed`.
        """

        def guarded(*args: Any) -> Any:
            try:
                return callback(*args)
            except SourceError as error:
                error.args = (f"{self._where}{error}",)
                self._fault = self._fault or error
                return failed
            except Exception as error:  # noqa: BLE001 - C calls it: `check` raises it on our thread
                self._fault = self._fault or error
                return failed

        self._handlers.append((element, element.connect(signal, guarded)))

    def on_pad(
        self, element: Any, attach: Callable[[Any, Any], None], wanted: Callable[[Any], bool]
    ) -> None:
        """Call `attach` with the first stream an element offers whose caps are wanted.

        When the element says there are no more streams and none was, that is an error.
        """
        taken: list[Any] = []

        def added(_element: Any, pad: Any) -> None:
            caps = pad.get_current_caps() or pad.query_caps(None)
            if not taken and wanted(caps):
                taken.append(pad)
                attach(pad, caps)

        def complete(_element: Any) -> None:
            if not taken:
                raise fault("unsupported", "there is no video stream")

        self.connect(element, "pad-added", added)
        self.connect(element, "no-more-pads", complete)
