"""The device's twin: takes what is wanted, says what is to run, and reports what is in force.

A wish is merged over the file, validated as a file is, and tried: before the change, the state on
disk says that a trial runs; only a trial that ends well is confirmed. It outlives the parts of the
daemon, which are built anew for every change.
"""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from collections.abc import Callable, Mapping
from importlib.metadata import version
from typing import Any

import msgspec

from gleancam.config.file import check_files, configuration
from gleancam.config.keys import Config
from gleancam.config.problem import InvalidConfigurationError, Problem
from gleancam.credentials import hide_credentials
from gleancam.twin.store import Failed, State, Store, Wish
from gleancam.twin.trial import Seen, Trial
from gleancam.twin.wanted import WHERE, whole
from gleancam.wire.error import WireError
from gleancam.wire.times import rfc3339
from gleancam.wire.twin import (
    LIMIT_BYTES,
    MOST_ERRORS,
    ErrorData,
    Force,
    Refusal,
    RefusedData,
    ReportedData,
    parse_desired,
)

ENDED = "the daemon ended within the trial: a crash, a kill or a power cut"

log = logging.getLogger(__name__)


class Twin:
    """`hear` may be called on any thread; everything else belongs to the main thread.

    Args of the constructor:
        document: the decoded file.
        store: where the state of a device with that file lies.
        check: looks at the files that a configuration names.

    Attributes:
        config: what is to run.
        changes: counts up whenever there is something new to report.

    Raises:
        ConfigurationError: the file cannot be used, or the state cannot be read.
    """

    def __init__(
        self,
        document: Mapping[str, Any],
        where: str,
        store: Callable[[Config], Store],
        clock: Callable[[], float] = time.monotonic,
        check: Callable[[Config, str], None] = check_files,
    ) -> None:
        self._document = document
        self._file = configuration(dict(document), where)
        check(self._file, where)
        self._check = check
        self.config = self._confirmed = self._file
        self.changes = 0
        self.allowed = self._file.remote.configuration and self._file.mqtt is not None
        self._clock = clock
        self._store = store(self._file)
        self._state = self._store.load() if self.allowed else State()
        self._trial: Trial | None = None
        self._refused: RefusedData | None = None
        self._heard: bytes | None = None
        self._mutex = threading.Lock()
        self._resume()

    def hear(self, payload: bytes) -> None:
        """Take what came on `desired`: of several, the last counts."""
        with self._mutex:
            self._heard = payload[: LIMIT_BYTES + 1]

    def look(self, seen: Seen) -> bool:
        """Read what was heard and judge the trial; True: build everything anew, from `config`."""
        with self._mutex:
            payload, self._heard = self._heard, None
        if payload and self._consider(payload, seen):
            return True
        if self._trial is None:
            return False
        now_s = self._clock()
        self._trial.see(seen, now_s)
        if not self._trial.over(now_s):
            return False
        if why := self._trial.complaint(seen):
            return self.undo(why)
        self._confirm()
        return False

    def undo(self, why: str) -> bool:
        """Take back what is on trial; False when nothing is."""
        wish = self._state.trial
        if wish is None:
            return False
        why = hide_credentials(why)[:400]
        log.error("configuration %d is taken back: %s", wish.version, why)
        self._fail(wish, why)
        self._trial = None
        self.config = self._confirmed
        return True

    def close(self) -> None:
        """End in order: a trial that nothing spoke against begins anew when it is wanted again."""
        if self._state.trial is not None:
            self._keep(msgspec.structs.replace(self._state, trial=None))

    def report(self) -> ReportedData:
        """Return what is in force now."""
        wish, trial = self._state.trial or self._state.confirmed, self._trial
        in_force = wish is not None and self.config is not self._file
        force: Force = "trial" if trial else "confirmed" if in_force else "file"
        return ReportedData(
            state=force,
            version=wish.version if wish is not None and in_force else None,
            allowed=self.allowed,
            trial_left_s=None if trial is None else trial.left_s(self._clock()),
            refused=self._refused,
            configuration_sha256=_digest(self.config),
            gleancam=version("gleancam"),
            ts=rfc3339(time.time_ns()),
        )

    def _resume(self) -> None:
        """Take up what the last process left."""
        if (wish := self._state.confirmed) is not None:
            try:
                self.config = self._confirmed = self._checked(wish)
            except InvalidConfigurationError as error:
                log.error("configuration %d no longer fits: %s", wish.version, error)  # noqa: TRY400 - the text says it all
                self._refuse(wish.version, "rejected", error.problems)
        if (tried := self._state.trial) is not None:
            log.error("configuration %d is taken back: %s", tried.version, ENDED)
            self._fail(tried, ENDED)

    def _consider(self, payload: bytes, seen: Seen) -> bool:
        """Decide about one message; True when something else is to run."""
        self.changes += 1
        try:
            data = parse_desired(payload)
        except WireError as error:
            self._refuse(None, "rejected", [Problem("", "", str(error))])
            return False
        wish = Wish(version=data.version, configuration=data.configuration)
        if self._is_known(wish):
            return False
        try:
            config = self._checked(wish)
        except InvalidConfigurationError as error:
            self._refuse(wish.version, "rejected", error.problems)
            return False
        return self._take(wish, config, seen)

    def _is_known(self, wish: Wish) -> bool:
        """Whether it came before, and say what became of it."""
        current, failed = self._state.trial or self._state.confirmed, self._state.failed
        if wish == current:
            if self.config is not self._file:
                self._refused = None
            return True
        if failed is not None and wish.version == failed.version:
            self._refuse(wish.version, "rolled-back", [Problem("", "", failed.why)])
            return True
        if wish.version <= self._state.highest:
            what = f"is not above {self._state.highest}, which was here before: raise it"
            self._refuse(wish.version, "rejected", [Problem("version", str(wish.version), what)])
            return True
        return False

    def _checked(self, wish: Wish) -> Config:
        config = whole(self._document, wish.configuration)
        self._check(config, WHERE)
        return config

    def _take(self, wish: Wish, config: Config, seen: Seen) -> bool:
        same = config == self.config
        trying = self._trial is not None or not same
        changed = {"trial": wish} if trying else {"confirmed": wish, "trial": None}
        if not self._keep(msgspec.structs.replace(self._state, **changed)):
            what = "the device cannot write down that it is tried: its disk is full or read-only"
            self._refuse(wish.version, "rejected", [Problem("", "", what)])
            return False
        self._refused = None
        if trying:
            before = self._trial.before if self._trial else seen.online
            self._trial = Trial(before, self._file.remote.trial_s)
        else:
            self._confirmed = config
        self.config = config
        log.info("configuration %d is %s", wish.version, "tried" if trying else "in force already")
        return not same

    def _confirm(self) -> None:
        wish = self._state.trial
        fresh = msgspec.structs.replace(self._state, confirmed=wish, trial=None)
        if wish is not None and self._keep(fresh):
            log.info("configuration %d is confirmed", wish.version)
            self._confirmed, self._trial = self.config, None
            self.changes += 1

    def _fail(self, wish: Wish, why: str) -> None:
        failed = Failed(version=wish.version, why=why)
        fresh = msgspec.structs.replace(self._state, trial=None, failed=failed)
        if not self._keep(fresh):
            self._state = fresh  # the file still has the trial, which fails at the next start, too
        self._refuse(wish.version, "rolled-back", [Problem("", "", why)])

    def _keep(self, state: State) -> bool:
        try:
            self._store.save(state)
        except OSError as error:
            log.error("the state of the configuration cannot be written: %s", error)  # noqa: TRY400 - as above
            return False
        self._state = state
        return True

    def _refuse(
        self, number: int | None, outcome: Refusal, problems: list[Problem] | tuple[Problem, ...]
    ) -> None:
        errors = tuple(_error(problem) for problem in problems[:MOST_ERRORS])
        self._refused = RefusedData(version=number, outcome=outcome, errors=errors)
        self.changes += 1
        log.warning("configuration %s: %s: %s", number, outcome, errors[0].message)


def _error(problem: Problem) -> ErrorData:
    shown = f"{problem.value}: " if problem.value else ""
    hint = f" ({problem.hint})" if problem.hint else ""
    return ErrorData(path=problem.path[:200], message=f"{shown}{problem.what}{hint}"[:400])


def _digest(config: Config) -> str:
    return hashlib.sha256(msgspec.json.encode(config, order="deterministic")).hexdigest()
