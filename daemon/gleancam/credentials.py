"""Keep credentials out of everything a person or a machine reads later."""

from __future__ import annotations

import re

HIDDEN = "***"

_USER_INFO = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*://)[^\s\"'<>]*@")
# Many cameras want `?user=admin&password=…`, some with no question mark at all.
_PARAMETER = re.compile(
    r"(?P<name>\b(?:user(?:name)?|pass(?:wd|word)?|pwd|token|secret|auth|api_?key)=)[^\s&\"';]+",
    re.IGNORECASE,
)
_SECRET_NAME = re.compile(r"pass|pwd|secret|token|cred|auth|user|(^|_)(key|pin)", re.IGNORECASE)


def hide_credentials(text: str) -> str:
    """Replace user, password and secret parameters of every URL in `text` with `***`.

    Passwords typed into a URL unescaped may hold `/`, `?` or `@`, so everything up to the last
    `@` of the word goes: rather too much hidden than too little.
    """
    return _PARAMETER.sub(rf"\g<name>{HIDDEN}", _USER_INFO.sub(rf"\g<scheme>{HIDDEN}@", text))


def names_secret(name: str) -> bool:
    """Whether a key of this name probably holds a secret; `…_file` names only a path."""
    return not name.endswith("_file") and _SECRET_NAME.search(name) is not None
