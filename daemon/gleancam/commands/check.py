"""Say everything that is wrong with a configuration, and start nothing."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from gleancam.config.bandwidth import shared_by
from gleancam.config.file import DEFAULT_PATH, check_files, check_folders, load
from gleancam.config.keys import Config
from gleancam.config.problem import InvalidConfigurationError, Problem, UnwritableError
from gleancam.config.risks import risks
from gleancam.errors import ConfigurationError
from gleancam.twin.shown import shown


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--config", type=Path, default=DEFAULT_PATH, metavar="FILE")
    parser.add_argument("--no-files", action="store_true", help="leave out models and other files")
    parser.add_argument("--json", action="store_true", help="print a JSON object")


def run(args: argparse.Namespace) -> int:
    """Check one configuration.

    Returns:
        0 when it can be used, 2 when not, 1 when it could, but a folder cannot be written now.

    Raises:
        ConfigurationError: there is a problem, and text was asked for.
        FolderError: likewise, and it is none of the configuration's.
    """
    if args.json:
        return _print_json(args)
    config = _check(args)
    for risk in risks(config):
        print(f"warning: {risk}")
    if shared := shared_by(config):
        print(f"note: {shared}")
    print(f"{args.config}: no problems")
    if said := shown(config):
        print(f"laid over it: {said}")
    return 0


def _print_json(args: argparse.Namespace) -> int:
    warnings, code = list[Problem](), 0
    problems: tuple[Problem, ...] = ()
    try:
        warnings.extend(risks(_check(args)))
    except (InvalidConfigurationError, UnwritableError) as error:
        problems, code = error.problems, error.exit_code
    except ConfigurationError as error:
        problems, code = (Problem("", "", str(error)),), error.exit_code
    document = {"ok": not problems, "problems": problems, "warnings": warnings}
    print(json.dumps(document, default=asdict))
    return code


def _check(args: argparse.Namespace) -> Config:
    config = load(args.config)
    if not args.no_files:
        check_files(config, str(args.config))
        check_folders(config, str(args.config))
    return config
