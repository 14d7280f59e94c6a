"""A decision log read back, also while a daemon writes it. Changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gleancam.decisions import epoch as epochs
from gleancam.decisions.epoch import Epoch
from gleancam.decisions.format import DECISION, ForeignVersionError, has_preamble, spans
from gleancam.decisions.record import Logged, decode_cost, decode_frame, embeddings
from gleancam.decisions.segments import segment_numbers, segment_path
from gleancam.errors import DecisionLogError

_CURE = "name the folder that [decisions] path names; beside the spool if it names none"


@dataclass(frozen=True, slots=True)
class Segment:
    """One file of the log.

    Attributes:
        number: counts up from 1; earlier ones may have made room.
        epoch: None when not even the header is whole; there are no records then.
        torn_bytes: at its end, that could not be read.
    """

    number: int
    epoch: Epoch | None
    records: tuple[Logged, ...] = ()
    torn_bytes: int = 0


def read_segments(folder: Path) -> Iterator[Segment]:
    """Give every segment, oldest first.

    Raises:
        DecisionLogError: there is no log, or one of another version.
    """
    try:
        numbers = segment_numbers(folder)
    except OSError as error:
        raise DecisionLogError(
            f"no decision log at {folder}: {error.strerror}", cure=_CURE
        ) from error
    if not numbers:
        raise DecisionLogError(f"no decision log at {folder}: it is empty", cure=_CURE)
    for number in numbers:
        try:
            content = segment_path(folder, number).read_bytes()
        except FileNotFoundError:
            continue  # The daemon that is writing needed the room.
        except OSError as error:
            raise DecisionLogError(
                f"{segment_path(folder, number)} cannot be read: {error.strerror}",
                cure="read it as the daemon's user",
            ) from error
        yield read_segment(number, content)


def read_segment(number: int, content: bytes) -> Segment:
    """Read one segment's content.

    Raises:
        DecisionLogError: it is of another version.
    """
    try:
        bodies = list(spans(content)) if has_preamble(content) else []
    except ForeignVersionError as error:
        raise DecisionLogError(
            f"segment {number} of the decision log is in {error}",
            cure="use the gleancam that wrote it, or move the folder away",
        ) from error
    if not bodies:
        return Segment(number, None, (), len(content))
    (begin, end), *rest = bodies
    epoch = epochs.decode(content[begin:end])
    torn_bytes = len(content) - bodies[-1][1]
    return Segment(number, epoch, tuple(_records(content, rest, epoch)), torn_bytes)


def _records(content: bytes, bodies: list[tuple[int, int]], epoch: Epoch) -> Iterator[Logged]:
    view = memoryview(content)
    begins = [begin for begin, _ in bodies if content[begin : begin + 1] == DECISION]
    rows = iter(embeddings(content, begins, epoch.dimension))
    for begin, end in bodies:
        body = view[begin:end]
        if content[begin : begin + 1] == DECISION:
            yield decode_frame(body, next(rows), epoch.space_id)
        else:
            yield decode_cost(body)
