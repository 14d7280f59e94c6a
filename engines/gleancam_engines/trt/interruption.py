"""What is raised inside a callback of TensorRT, kept until TensorRT has returned.

Its bindings print an exception of a callback and go on: Ctrl-C in a build of ten minutes would be
lost. It is kept here instead, the build is asked to stop, and it is raised where we are again.
"""

from __future__ import annotations

from types import TracebackType


class Interruption:
    """A context manager for the body of a callback; nothing leaves it."""

    def __init__(self) -> None:
        self._raised: BaseException | None = None

    @property
    def came(self) -> bool:
        """Whether something was raised since `reraise`."""
        return self._raised is not None

    def reraise(self) -> None:
        """Raise what was kept, if anything, once."""
        raised, self._raised = self._raised, None
        if raised is not None:
            raise raised

    def __enter__(self) -> None:
        pass

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        raised: BaseException | None,
        _traceback: TracebackType | None,
    ) -> bool:
        if self._raised is None:
            self._raised = raised
        return True
