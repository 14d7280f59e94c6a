"""Log lines: readable by journald and logfmt parsers, bounded, and without credentials."""

from __future__ import annotations

import logging
import shlex
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gleancam.credentials import hide_credentials, names_secret
from gleancam.logs import LIMITED_KEYS, LogfmtFormatter, OncePerSecond, priority, quote


def record(
    message: str, *args: object, level: int = logging.INFO, **extra: Any
) -> logging.LogRecord:
    return logging.getLogger("gleancam.x").makeRecord(
        "gleancam.x", level, "x.py", 1, message, args, None, extra=extra
    )


def test_a_record_is_priority_then_pairs() -> None:
    line = LogfmtFormatter().format(record("camera %s is back", "gate", camera="gate", tries=3))

    assert line == '<6>logger=gleancam.x msg="camera gate is back" camera=gate tries=3'


@pytest.mark.parametrize(
    ("level", "number"),
    [
        (logging.CRITICAL, 3),
        (logging.ERROR, 3),
        (logging.WARNING, 4),
        (logging.INFO, 6),
        (logging.DEBUG, 7),
    ],
)
def test_levels_become_syslog_priorities(level: int, number: int) -> None:
    assert priority(level) == number
    assert LogfmtFormatter().format(record("x", level=level)).startswith(f"<{number}>")


@given(st.text())
@example("'")
def test_any_value_stays_on_one_line_and_can_be_read_back(value: str) -> None:
    quoted = quote(value)

    assert quoted.isprintable()
    (word,) = shlex.split(quoted)
    if value.isprintable():
        assert word == value


def test_an_exception_stays_on_the_line() -> None:
    failed = record("failed")
    failed.exc_info = (ValueError, ValueError("two\nlines, rtsp://admin:hunter2@h/x"), None)

    line = LogfmtFormatter().format(failed)

    assert "\n" not in line
    assert "ValueError" in line
    assert "hunter2" not in line


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("rtsp://u:p@h:554/x", "rtsp://***@h:554/x"),
        ("rtsp://u:p@ss/w@h/x and mqtt://a@b", "rtsp://***@h/x and mqtt://***@b"),
        ("rtsp://h/user=admin&password=p&channel=1", "rtsp://h/user=***&password=***&channel=1"),
        ("http://h/x?token=abc", "http://h/x?token=***"),
        ("rtsp://h/x", "rtsp://h/x"),
        ("mail a@b.c", "mail a@b.c"),
    ],
)
def test_credentials_are_hidden(text: str, expected: str) -> None:
    assert hide_credentials(text) == expected


@given(
    password=st.text(st.characters(exclude_categories=("Z", "C"), exclude_characters="\"'<>")),
)
def test_whatever_a_password_is_made_of_it_is_hidden(password: str) -> None:
    secret = f"Q{password}Q"

    assert secret not in hide_credentials(
        f"cannot open rtsp://admin:{secret}@camera/stream: refused"
    )


@pytest.mark.parametrize(
    ("name", "secret"),
    [("password", True), ("api_key", True), ("password_file", False), ("keepalive_s", False)],
)
def test_names_of_secrets(name: str, *, secret: bool) -> None:
    assert names_secret(name) == secret


class Clock:
    """Seconds set by the test."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_one_record_a_second_of_a_key_passes_and_the_next_says_how_many_did_not() -> None:
    clock = Clock()
    limiter = OncePerSecond(clock)
    passed = []
    for tenth in range(25):
        clock.now = tenth / 10
        each = record("corrupt frame", limit="corrupt:gate")
        if limiter.filter(each):
            passed.append(getattr(each, "suppressed", 0))

    assert passed == [0, 9, 9]


def test_keys_are_limited_apart_and_records_without_a_key_not_at_all() -> None:
    limiter = OncePerSecond(Clock())

    assert limiter.filter(record("x", limit="a"))
    assert limiter.filter(record("x", limit="b"))
    assert not limiter.filter(record("x", limit="a"))
    assert all(limiter.filter(record("x")) for _ in range(3))


def test_the_limiter_remembers_a_bounded_number_of_keys() -> None:
    limiter = OncePerSecond(Clock())
    for number in range(LIMITED_KEYS * 2):
        limiter.filter(record("x", limit=str(number)))

    assert len(limiter._seen) == LIMITED_KEYS


def test_configured_logging_writes_to_stderr() -> None:
    program = (
        "import logging; from gleancam import logs; logs.configure('info');"
        "logging.getLogger('a').debug('no'); logging.getLogger('a').error('yes %s', 1)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert (done.stdout, done.stderr) == ("", '<3>logger=a msg="yes 1"\n')


@pytest.mark.timeout(20)
@pytest.mark.parametrize("piece", ["a", "a://", "password=", "user=a@", "://@"])
def test_hiding_takes_no_time_for_a_long_word(piece: str) -> None:
    """It took minutes: whoever can make the daemon log a long word could have stopped it."""
    assert hide_credentials(piece * (2**20 // len(piece)))
