"""Say everything that is wrong with a configuration, and start nothing."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from gleancam.config.bandwidth import shared_by
from gleancam.config.file import DEFAULT_PATH, check_files, load
from gleancam.config.keys import Config
from gleancam.config.problem import InvalidConfigurationError, Problem
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
        0 when it can be used, 2 when not.

    Raises:
        ConfigurationError: there is a problem, and text was asked for.
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
    warnings: list[Problem] = []
    problems = list(_problems(args, warnings))
    document = {"ok": not problems, "problems": problems, "warnings": warnings}
    print(json.dumps(document, default=asdict))
    return ConfigurationError.exit_code if problems else 0


def _check(args: argparse.Namespace) -> Config:
    config = load(args.config)
    if not args.no_files:
        check_files(config, str(args.config))
    return config


def _problems(args: argparse.Namespace, warnings: list[Problem]) -> Iterator[Problem]:
    try:
        warnings.extend(risks(_check(args)))
    except InvalidConfigurationError as error:
        yield from error.problems
    except ConfigurationError as error:
        yield Problem("", "", str(error))
