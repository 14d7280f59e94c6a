"""TensorRT's log goes to `logging`; its errors are also kept, since its calls only return None."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from functools import cache
from typing import Any

from gleancam_engines.trt.interruption import Interruption

KEPT = 32
"""Errors remembered: those of one failing call."""

_log = logging.getLogger(__name__)


def make_logger(
    trt: Any, errors: deque[str], interruption: Interruption, write: Callable[..., None] = _log.log
) -> Any:
    """Return a `trt.ILogger` that writes to `logging` and appends its errors to `errors`.

    The class is made here because its base comes from a module that is given. The logger must
    outlive every object made with it; `process_logger` does.
    """
    levels = {
        trt.ILogger.Severity.INTERNAL_ERROR: logging.ERROR,
        trt.ILogger.Severity.ERROR: logging.ERROR,
        trt.ILogger.Severity.WARNING: logging.WARNING,
        # What TensorRT calls information is a page for each build.
        trt.ILogger.Severity.INFO: logging.DEBUG,
    }

    class _Logger(trt.ILogger):  # type: ignore[misc] # the base is known at run time only
        def __init__(self) -> None:
            trt.ILogger.__init__(self)

        def log(self, severity: Any, msg: str) -> None:
            with interruption:
                level = levels.get(severity)  # VERBOSE has none: thousands of lines
                if level == logging.ERROR:
                    errors.append(msg)
                if level is not None:
                    write(level, "TensorRT: %s", msg)

    return _Logger()


@cache
def process_logger(trt: Any) -> tuple[Any, deque[str], Interruption]:
    """Return the logger of this process, the errors it remembers, and what its callback raised.

    There is one: TensorRT keeps the first logger that any builder or runtime is given, and ignores
    the others. Whoever is about to call it clears the errors.
    """
    errors, interruption = remembered(), Interruption()
    return make_logger(trt, errors, interruption), errors, interruption


def remembered() -> deque[str]:
    """Return an empty memory for the errors of a logger."""
    return deque(maxlen=KEPT)
