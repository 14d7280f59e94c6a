"""User and password of a network camera: from its file, or from its URL."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import unquote

from gleancam.config.keys import RtspCamera
from gleancam.errors import ConfigurationError, SourceError
from gleancam.secret_files import read_secret
from gleancam.sources.faults import fault


@dataclass(frozen=True, slots=True)
class Address:
    """Where a network camera is, and how to get in.

    Attributes:
        url: without credentials.
        secrets: texts that must appear nowhere.
    """

    url: str
    user: str = ""
    password: str = field(default="", repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)


def address_of(camera: RtspCamera) -> Address:
    """Part a camera's URL from its credentials; those of the file win.

    Raises:
        SourceError: the file cannot be read, is open to others, or is not one line `user:password`.
    """
    scheme, _, rest = camera.url.partition("://")
    userinfo, place = _part(rest)
    url = f"{scheme}://{place}"
    raw_user, _, raw_password = userinfo.partition(":")
    user, password = unquote(raw_user), unquote(raw_password)
    if camera.credentials_file is not None:
        user, password = _read(camera.credentials_file)
    secrets = tuple({userinfo, raw_password, password} - {""})
    return Address(url, user, password, secrets)


def _part(rest: str) -> tuple[str, str]:
    """Part `user:password@place` at the `@`, also where the password holds a bare `/` or `@`."""
    authority, slash, path = rest.partition("/")
    port = authority.rpartition(":")[2]
    if "@" not in authority and ":" in authority and not port.isdigit():
        authority, slash, path = rest, "", ""
    userinfo, _, host = authority.rpartition("@")
    return userinfo, host + slash + path


def _read(named: str) -> tuple[str, str]:
    try:
        line = read_secret("credentials_file", named)
    except ConfigurationError as error:
        what = str(error).removesuffix(f": {error.cure}")
        raise SourceError("unauthorised", what, cure=error.cure) from error
    user, colon, password = line.partition(":")
    if not colon or not user:
        raise fault("unauthorised", f"credentials_file {named} is not one line user:password")
    return user, password
