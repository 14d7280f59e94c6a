"""What a device's doctor found, as a table for people."""

from __future__ import annotations

from typing import TextIO

from gleancam.wire.command_result import CommandResultData


def fails(answer: CommandResultData | None) -> bool:
    """Whether something on the device cannot work."""
    return answer is not None and any(one.level == "fail" for one in answer.findings)


def write_findings(answer: CommandResultData, out: TextIO) -> None:
    """Write one line for each finding, and its cure below it; nothing when there are none.

    What a device sends is text of somebody else's: nothing in it moves the cursor.
    """
    for one in answer.findings:
        out.write(f"{one.level:<5}{_printable(one.part):<11}{_printable(one.what)}\n")
        if one.cure:
            out.write(f"{'':16}cure: {_printable(one.cure)}\n")
    if answer.left_off:
        out.write(f"and {answer.left_off} more, none of them worse\n")


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)
