"""Keep credentials out of everything a person or a machine reads later."""

from __future__ import annotations

import re

HIDDEN = "***"

_WORD = re.compile(r"[^\s\"'<>]+")
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
    return _PARAMETER.sub(rf"\g<name>{HIDDEN}", _WORD.sub(_without_user, text))


def _without_user(word: re.Match[str]) -> str:
    """A regular expression for this would take minutes for a long word without any `@`."""
    scheme, mark, rest = word[0].partition("://")
    _, at, place = rest.rpartition("@")
    return f"{scheme}{mark}{HIDDEN}{at}{place}" if mark and at else word[0]


def names_secret(name: str) -> bool:
    """Whether a key of this name probably holds a secret; `…_file` names only a path."""
    return not name.endswith("_file") and _SECRET_NAME.search(name) is not None
