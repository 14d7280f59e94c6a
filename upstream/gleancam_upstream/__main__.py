"""`gleancam-upstream`: the command line of what runs where the samples arrive."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence

from gleancam.wire.error import WireError
from gleancam_engines.errors import EngineError
from gleancam_upstream.command_command import add_command
from gleancam_upstream.conformance_command import add_conformance
from gleancam_upstream.consume_command import add_consume
from gleancam_upstream.desired_command import add_desired
from gleancam_upstream.errors import UpstreamError
from gleancam_upstream.labels_command import add_labels
from gleancam_upstream.sheet_command import add_sheet

UNUSABLE = 2
"""Exit code when the broker, the folder or an argument cannot be used."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code."""
    parser = argparse.ArgumentParser(prog="gleancam-upstream", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    add_consume(commands)
    add_sheet(commands)
    add_labels(commands)
    add_command(commands)
    add_desired(commands)
    add_conformance(commands)
    arguments = parser.parse_args(argv)
    command: Callable[[argparse.Namespace], int] = arguments.run
    try:
        return command(arguments)
    except (UpstreamError, WireError, EngineError, OSError) as error:
        sys.stderr.write(f"gleancam-upstream: {error}\n")
        return UNUSABLE


if __name__ == "__main__":
    sys.exit(main())
