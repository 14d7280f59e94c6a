"""What can go wrong upstream: what, where, and the cure."""

from __future__ import annotations


class UpstreamError(Exception):
    """Base of every error raised here on purpose; never raised itself."""

    def __init__(self, what: str, *, cure: str = "") -> None:
        super().__init__(f"{what}: {cure}" if cure else what)


class BrokerRefusedError(UpstreamError):
    """The broker will not have this client; trying again gives the same answer."""


class NoBrokerError(UpstreamError):
    """There was no connection in the time that was given."""


class DatasetError(UpstreamError):
    """The folder is in use, damaged, or of another kind."""


class ExportError(UpstreamError):
    """The samples cannot be written in this format, or not there."""


class RevoteError(UpstreamError):
    """No vote can be taken on what was sent, or not under these settings."""


class CredentialsError(UpstreamError):
    """A file with a user name, password, certificate or key cannot be used."""


class ReviewError(UpstreamError):
    """Reviewed labels are damaged, of other samples, or too few to learn from."""


class TrialError(UpstreamError):
    """It cannot be told who is tried."""


class MissingLibraryError(UpstreamError):
    """A library that only some commands need is not installed."""
