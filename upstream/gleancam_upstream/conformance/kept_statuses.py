"""Rules about what the broker keeps of a device: judged by what a new subscriber gets."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from gleancam.wire.cloudevent import LIMIT_BYTES
from gleancam.wire.codec import decode
from gleancam.wire.error import WireError
from gleancam.wire.info import Info
from gleancam.wire.topics import Topics
from gleancam_upstream.conformance.objects import object_of
from gleancam_upstream.conformance.score import Score
from gleancam_upstream.conformance.tap import retained
from gleancam_upstream.conformance.trial import Trial
from gleancam_upstream.received import Received


def judge_kept(trial: Trial, score: Score) -> None:
    """Judge D-01 to D-04 and D-18.

    Raises:
        NoBrokerError: there is no connection.
        BrokerRefusedError: the broker does not let us in, or not subscribe.
    """
    topics = trial.topics
    camera = f"{topics.root}/cam/+"
    passing = (f"{camera}/sample", f"{camera}/event", f"{camera}/image/+")
    results = f"{topics.command_filter}/result/#"
    filters = (topics.status, topics.info, f"{camera}/status", *passing, results)
    kept = retained(trial.broker, filters, trial.glance_s)
    score.judge("D-01", "" if topics.status in kept else "it is not")
    score.judge("D-03", "" if topics.info in kept else "it is not")
    _cameras(topics, score, kept)
    _sessions(topics, score, kept)
    never = sorted(set(kept) - {topics.status, topics.info} - set(_camera_statuses(kept)))
    score.judge("D-18", f"{never[0]} is" if never else "")


def session_of(payload: bytes) -> int | None:
    """Return the session number of a status; None when it has none."""
    number = object_of(payload).get("session")
    return number if isinstance(number, int) and not isinstance(number, bool) else None


def _camera_statuses(kept: Mapping[str, Received]) -> dict[str, bytes]:
    return {
        topic: one.payload
        for topic, one in kept.items()
        if topic.endswith("/status") and "/cam/" in topic
    }


def _cameras(topics: Topics, score: Score, kept: Mapping[str, Received]) -> None:
    """D-04."""
    if topics.info not in kept:
        score.skipped("D-04", "there is no info")
        return
    try:
        info = decode(kept[topics.info].payload, Info, limit_bytes=LIMIT_BYTES)
    except WireError:
        score.skipped("D-04", "info cannot be read")
        return
    wanted = {topics.camera_status(one.id) for one in info.cameras if one.enabled}
    missing = sorted(wanted - set(kept))
    score.judge("D-04", f"{missing[0]} is not" if missing else "")


def _sessions(topics: Topics, score: Score, kept: Mapping[str, Received]) -> None:
    """D-02: of what is retained."""
    if topics.status not in kept:
        score.skipped("D-02", "no status is retained")
        return
    session = session_of(kept[topics.status].payload)
    if session is None:
        score.failed("D-02", f"its status has none: {_shown(kept[topics.status].payload)}")
        return
    for topic, payload in _camera_statuses(kept).items():
        if session_of(payload) != session:
            score.failed("D-02", f"{topic} is of {session_of(payload)}, the device's of {session}")
            return
    score.passed("D-02")


def _shown(payload: bytes) -> str:
    return msgspec.json.encode(object_of(payload)).decode()[:200]
