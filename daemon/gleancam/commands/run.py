"""The daemon: watch the cameras, keep what is worth sending, deliver it, until SIGTERM.

SIGUSR1 asks for one frame of every camera, whether anything has changed or not.
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import threading
from contextlib import closing
from itertools import count
from pathlib import Path
from types import FrameType
from typing import NoReturn

from prometheus_client import write_to_textfile

from gleancam import logs
from gleancam.app import App, build
from gleancam.config.file import DEFAULT_PATH, check_files, load
from gleancam.notify import Notifier

TICK_S = 0.5


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument(
        "--config",
        type=Path,
        default=DEFAULT_PATH,
        metavar="FILE",
        help="the configuration (default: %(default)s)",
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="override one key, e.g. mqtt.port=1884 or cameras.gate.fps=2; VALUE is TOML, "
        "or a bare string; repeatable",
    )
    parser.add_argument(
        "--metrics-file",
        type=Path,
        metavar="FILE",
        help="write the last state of all metrics here when the daemon ends",
    )


def run(args: argparse.Namespace) -> int:
    """Run until SIGTERM, SIGINT or a crash.

    Returns:
        0 after an orderly stop, 1 after a crash, or when something did not stop in its time, 3
        after a crash that a model caused.

    Raises:
        ConfigurationError: the configuration cannot be used.
        EngineError: a model could not be loaded.
    """
    # Its default is to end the process; it means nothing before the cameras are watched.
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    config = load(args.config, overrides=args.set)
    check_files(config, str(args.config))
    logs.configure(config.log_level)
    with closing(Notifier.from_environment()) as notifier:
        app = build(config, notifier)
        _run(app)
    if args.metrics_file is not None:
        write_to_textfile(str(args.metrics_file), app.registry)
    if app.overdue:
        _end_at_once(app.exit_code)
    return app.exit_code


def _end_at_once(code: int) -> NoReturn:
    """End without the interpreter's tidying up.

    A thread that comes back from native code into an interpreter that is going away is ended by
    force; unwinding it through ONNX Runtime aborts the process or makes it crash.
    """
    logging.shutdown()
    os._exit(code)


def _run(app: App) -> None:
    # Not before: while models are compiled, which takes minutes, SIGTERM ends the process at once.
    stop = _on_signal(signal.SIGTERM, signal.SIGINT)
    wanted = _on_signal(signal.SIGUSR1)
    app.start()
    try:
        _watch(app, stop, wanted)
    finally:
        app.stop()


def _watch(app: App, stop: threading.Event, wanted: threading.Event) -> None:
    numbers = count(1)
    while not stop.wait(TICK_S) and not app.crashed:
        app.tick()
        if wanted.is_set():
            wanted.clear()
            app.capture(f"signal-{next(numbers)}")


def _on_signal(*signals: signal.Signals) -> threading.Event:
    """Give what these signals will set."""
    event = threading.Event()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        event.set()

    for each in signals:
        signal.signal(each, on_signal)
    return event
