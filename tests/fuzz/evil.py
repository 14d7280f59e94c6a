"""Values that have broken parsers before."""

from __future__ import annotations

from fuzz.writing import Document, Token

NUMBERS = (
    b"NaN",
    b"-Infinity",
    b"1e400",
    b"-1e-400",
    b"-0",
    b"0.1e",
    b"00",
    b"1.0",
    b"18446744073709551616",
    b"-9223372036854775809",
    b"9" * 5000,
    b"0." + b"0" * 5000 + b"1",
    b"1e" + b"9" * 400,
)
TEXTS = (
    b'"\\ud800"',
    b'"\\udfff\\ud800"',
    b'"\\u0000"',
    b'"a\\u0000b"',
    b'"\xed\xa0\x80"',
    b'"\xff\xfe"',
    b'"\xc0\xaf"',
    b'"line\nbreak"',
    b'"\\x"',
    b'"unterminated',
    '"\u202egpj.exe"'.encode(),
    '"\uff47\uff41\uff54\uff45"'.encode(),
    '"\U0001f4f7"'.encode(),
    b'"../../etc/passwd"',
    b'"gate\\n"',
    b'"gate\\u0085"',
    b'"2025-01-31T24:60:61.999999999Z"',
    b'"0000-00-00T00:00:00.000000000Z"',
    '"٢٠٢٥-01-31T00:00:00.000000000Z"'.encode(),
    b'"' + b"a" * 65_536 + b'"',
)
OTHERS = (
    b"",
    b"null",
    b"true",
    b"[]",
    b"{}",
    b"[[]]",
    b'{"":{}}',
    b"nul",
    b"/**/1",
    b"\xef\xbb\xbf1",
)

TOKENS = tuple(Token(raw) for raw in (*NUMBERS, *TEXTS, *OTHERS))


def nested(depth: int, *, closed: bool, objects: bool) -> Token:
    opening, closing = (b'{"a":', b"}") if objects else (b"[", b"]")
    return Token(opening * depth + (b"1" + closing * depth if closed else b""))


PLAIN: tuple[Document, ...] = (-1, 0, 1, 2**63, 0.5, 1.5, "", "a", "A", "gate-1", [], {}, None)
