"""The daemon's own delivery, with a real spool, follows every rule of a device."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from commanded_device import CAMERAS, Device, running
from conformance.trials import PATIENCE_S, failed, left_out
from gleancam.spool.queue import Spool
from gleancam.wire.info import CameraInfo, Info, LimitsInfo
from gleancam_upstream.broker import Broker
from gleancam_upstream.conformance.device_trial import try_device
from gleancam_upstream.conformance.trial import Trial
from made_samples import made_event, made_parcel
from mqtt_rig import TOPICS, settings

INFO = Info(
    versions={},
    board="none",
    cameras=tuple(CameraInfo(id=name, source="test", fps=1, enabled=True) for name in CAMERAS),
    models=(),
    space_id="space-1",
    schemas={},
    limits=LimitsInfo(inline_max_bytes=10**6, spool_max_bytes=10**9),
    ts="2025-01-31T12:00:00.000000000Z",
)


@pytest.fixture
def device(broker_port: int, tmp_path: Path, protocol: str) -> Iterator[Device]:
    spool = Spool.open(tmp_path / "spool.db", 10**9, 0)
    for parcel in (*map(made_parcel, range(4)), made_event()):
        spool.add(parcel)
    made = Device(spool, settings(broker_port, protocol=protocol), ack_timeout_s=1)
    made.statuses.describe(INFO)
    with running(made):
        yield made
    spool.close()


@pytest.mark.usefixtures("clock_is_set", "device")
def test_follows_every_rule(broker_port: int, protocol: str) -> None:
    broker = Broker("127.0.0.1", broker_port, protocol="5" if protocol == "5" else "3.1.1")
    findings = try_device(Trial(broker, TOPICS, patience_s=PATIENCE_S), lambda _: None)
    assert failed(findings) == {}
    assert list(left_out(findings)) == ["D-19"], "nobody kills the process that tests"
