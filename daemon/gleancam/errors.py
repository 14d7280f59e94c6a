"""The daemon's exception tree: what was wrong, where, and the cure.

Whether trying again may help (`transient`) is decided where an error arises, not where it is
caught.
"""

from __future__ import annotations

from gleancam_engines.errors import EngineError

MODEL_EXIT_CODE = 3
"""A model cannot be used, and nothing here could mend that: systemd tries again."""


class GleancamError(Exception):
    """Base of every error the daemon raises on purpose; never raised itself.

    Attributes:
        cure: what a person can do about it; empty when nothing is to be done.
        transient: whether the same call may succeed later with nothing changed by a person.
    """

    exit_code = 1

    def __init__(self, what: str, *, cure: str = "", transient: bool = False) -> None:
        super().__init__(f"{what}: {cure}" if cure else what)
        self.cure = cure
        self.transient = transient


class ConfigurationError(GleancamError):
    """The configuration cannot be used. systemd must not restart on it (exit code 2)."""

    exit_code = 2


class FolderError(GleancamError):
    """A folder cannot be written now: its disk was remounted read-only, or it is another user's.

    That is no mistake of the configuration, and may be mended while systemd tries again.
    """


class SourceError(GleancamError):
    """A camera failed. `kind` is one of the words of `cam/{cam}/status`."""

    def __init__(self, kind: str, what: str, *, cure: str = "", transient: bool = True) -> None:
        super().__init__(what, cure=cure, transient=transient)
        self.kind = kind


class SpoolFullError(GleancamError):
    """The spool cannot take a parcel now: the disk or its byte limit is full."""

    def __init__(self, what: str, *, cure: str = "") -> None:
        super().__init__(what, cure=cure, transient=True)


class SpoolError(GleancamError):
    """The spool's database is damaged, of a newer version, or held by another process."""


class SpoolDamagedError(SpoolError):
    """The spool's database is damaged: the next start sets it aside and saves what it can."""


class DecisionLogError(GleancamError):
    """The decision log cannot be read: of another version, not there, or not this gleancam's."""


class SinkError(GleancamError):
    """A sink could not do what it was asked."""


class UntrustedBrokerError(SinkError):
    """The broker's certificate does not prove that it is the one it should be."""


class ChannelClosedError(GleancamError):
    """A channel was closed: nothing more will come, or nothing more is taken."""


class ListenError(GleancamError):
    """The address for metrics and health is taken, or not this machine's."""


def exit_code(error: BaseException) -> int:
    """Return what a process ends with that `error` ended: 2 configuration, 3 a model, else 1."""
    if isinstance(error, EngineError):
        return MODEL_EXIT_CODE
    return error.exit_code if isinstance(error, GleancamError) else 1
