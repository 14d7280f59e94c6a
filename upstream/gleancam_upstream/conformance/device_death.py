"""What the broker says of a device that died: D-19."""

from __future__ import annotations

from gleancam_upstream.conformance.device_log import DeviceLog
from gleancam_upstream.conformance.kept_statuses import session_of
from gleancam_upstream.conformance.objects import object_of
from gleancam_upstream.conformance.score import Score
from gleancam_upstream.conformance.tap import Tap, retained
from gleancam_upstream.conformance.trial import Trial


def judge_death(trial: Trial, score: Score, tap: Tap, log: DeviceLog) -> None:
    """Have the device killed and judge D-19, last.

    Raises:
        NoBrokerError: the connection was lost.
        BrokerRefusedError: the broker does not let us in, or not subscribe.
    """
    session = _session(log)
    if trial.kill is None:
        score.skipped("D-19", "give --pid to have it killed")
    elif session is None:
        score.skipped("D-19", "its status has no session number")
    else:
        trial.say("killing the device")
        before = len(tap.heard)
        trial.kill()
        lost = tap.until(lambda: _lost(log, before), trial.patience_s)
        wrong = f"nothing said so within {trial.patience_s:g} s"
        score.judge("D-19", _wrong_will(trial, session) if lost else wrong)


def _wrong_will(trial: Trial, session: int) -> str:
    kept = retained(trial.broker, (trial.topics.status,), trial.glance_s)
    last = kept[trial.topics.status].payload if kept else b""
    if object_of(last).get("state") != "lost":
        return "it is not retained"
    found = session_of(last)
    return "" if found == session else f"its session is {found}, the device's was {session}"


def _session(log: DeviceLog) -> int | None:
    said = [session_of(one.message.payload) for one in log.all("status")]
    return said[-1] if said else None


def _lost(log: DeviceLog, since: int) -> bool:
    statuses = log.all("status", since=since)
    return any(object_of(one.message.payload).get("state") == "lost" for one in statuses)
