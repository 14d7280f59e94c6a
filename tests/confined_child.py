"""Run a command under a unit's system call filter, as systemd would, without systemd.

    python confined_child.py [--mdwe] FILTER [FILTER...] -- COMMAND...

Each FILTER is the value of a `SystemCallFilter=` line: names and sets to allow, or, after `~`, to
take away. What is not allowed fails with EPERM. libseccomp, which systemd itself uses, loads the
filter; systemd-analyze says what is in a set. `--mdwe` refuses memory that is writable and
executable, as MemoryDenyWriteExecute= does (prctl(2), PR_SET_MDWE).
"""

from __future__ import annotations

import ctypes
import errno
import os
import subprocess
import sys

ALLOW = 0x7FFF0000
REFUSE = 0x00050000 | errno.EPERM
PR_SET_MDWE, REFUSE_EXEC_GAIN = 65, 1
ALWAYS = ("@default",)
"""systemd allows these in every allow list."""


def members(name: str) -> set[str]:
    """Return the system calls of a set, those of sets in it included."""
    if not name.startswith("@"):
        return {name}
    command = ["systemd-analyze", "syscall-filter", "--no-pager", name]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    listed = [line.strip() for line in said.splitlines()[1:]]
    words = {word for word in listed if word and not word.startswith("#")}
    return set().union(*map(members, words))


def allowed(filters: list[str]) -> set[str]:
    calls = set().union(*map(members, ALWAYS))
    for text in filters:
        wanted = set().union(*map(members, text.lstrip("~").split()))
        calls = calls - wanted if text.startswith("~") else calls | wanted
    return calls


def confine(calls: set[str]) -> None:
    library = ctypes.CDLL("libseccomp.so.2", use_errno=True)
    library.seccomp_init.restype = ctypes.c_void_p
    context = ctypes.c_void_p(library.seccomp_init(ctypes.c_uint32(REFUSE)))
    for name in sorted(calls):
        number = library.seccomp_syscall_resolve_name(name.encode())
        if number != -1:  # another architecture's
            library.seccomp_rule_add(context, ctypes.c_uint32(ALLOW), number, 0)
    if code := library.seccomp_load(context):
        raise OSError(-code, "the filter was not loaded")


def refuse_executable_memory() -> None:
    library = ctypes.CDLL(None, use_errno=True)
    if library.prctl(PR_SET_MDWE, REFUSE_EXEC_GAIN, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "this kernel has no PR_SET_MDWE (6.3)")


def main(arguments: list[str]) -> None:
    mdwe = "--mdwe" in arguments
    where = arguments.index("--")
    filters = [one for one in arguments[:where] if one != "--mdwe"]
    calls = allowed(filters)
    if mdwe:
        refuse_executable_memory()
    confine(calls)
    command = arguments[where + 1 :]
    os.execvp(command[0], command)  # noqa: S606 - the command is the test's


if __name__ == "__main__":
    main(sys.argv[1:])
