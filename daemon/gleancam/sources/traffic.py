"""How much a camera sends: the size of every encoded buffer that passes a pad."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gleancam.sources._gst import gst


def measure(pad: Any, tell: Callable[[int], None]) -> None:
    """Call `tell` with the bytes of every buffer, on the thread that pushes it."""
    kinds = gst().PadProbeType

    def seen(_pad: Any, info: Any) -> Any:
        if info.type & kinds.BUFFER_LIST:
            tell(info.get_buffer_list().calculate_size())
        else:
            tell(info.get_buffer().get_size())
        return gst().PadProbeReturn.OK

    pad.add_probe(kinds.BUFFER | kinds.BUFFER_LIST, seen)
