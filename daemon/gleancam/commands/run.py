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
from dataclasses import replace
from itertools import count
from pathlib import Path
from types import FrameType
from typing import NoReturn

from prometheus_client import write_to_textfile

from gleancam import logs
from gleancam.app import App, Kept, build
from gleancam.config.file import DEFAULT_PATH, check_folders, read_document
from gleancam.errors import GleancamError
from gleancam.notify import Notifier
from gleancam.twin.keeping_alive import kept_alive
from gleancam.twin.store import Store, store_path
from gleancam.twin.twin import Twin
from gleancam_engines.errors import EngineError

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
        FolderError: a folder that it names cannot be written now.
        EngineError: a model could not be loaded.
    """
    # Its default is to end the process; it means nothing before the cameras are watched.
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    document = read_document(args.config, args.set)
    twin = Twin(document, str(args.config), lambda config: Store(store_path(config.spool.path)))
    logs.configure(twin.config.log_level)
    check_folders(twin.config, str(args.config))
    kept = Kept.nothing()
    with closing(Notifier.from_environment()) as notifier:
        app = _serve(twin, notifier, kept)
    if args.metrics_file is not None:
        write_to_textfile(str(args.metrics_file), kept.registry)
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


def _serve(twin: Twin, notifier: Notifier, kept: Kept) -> App:
    """Run one configuration after the other until the last one ends; return it."""
    app = build(twin.config, notifier, kept, twin)
    # Not before: while models are compiled, which takes minutes, SIGTERM ends the process at once.
    stop = _on_signal(signal.SIGTERM, signal.SIGINT)
    wanted = _on_signal(signal.SIGUSR1)
    while _run(app, stop, wanted):
        with kept_alive(notifier):
            kept = app.leave()
            if app.overdue:
                return app
            if app.crashed:
                _release(kept)
                return app
            app = _build_again(twin, notifier, kept)
    if not app.crashed:
        twin.close()
    return app


def _run(app: App, stop: threading.Event, wanted: threading.Event) -> bool:
    """Run until the end, or, returning True, until another configuration is to run."""
    changing = False
    app.start()
    try:
        changing = _watch(app, stop, wanted)
    finally:
        if not changing:
            app.stop()
    return changing


def _build_again(twin: Twin, notifier: Notifier, kept: Kept) -> App:
    """Build what is on trial, or, if that fails, what was in force before."""
    try:
        return build(twin.config, notifier, kept, twin)
    except (GleancamError, EngineError) as error:
        if not twin.undo(str(error)):
            raise
    return build(twin.config, notifier, replace(kept, models=None), twin)


def _release(kept: Kept) -> None:
    if kept.models is not None:
        kept.models.close()


def _watch(app: App, stop: threading.Event, wanted: threading.Event) -> bool:
    numbers = count(1)
    while not stop.wait(TICK_S) and not app.crashed:
        if app.tick():
            return True
        if wanted.is_set():
            wanted.clear()
            app.capture(f"signal-{next(numbers)}")
    return False


def _on_signal(*signals: signal.Signals) -> threading.Event:
    """Give what these signals will set."""
    event = threading.Event()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        event.set()

    for each in signals:
        signal.signal(each, on_signal)
    return event
