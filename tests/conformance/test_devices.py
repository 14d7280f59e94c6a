"""Devices of two makes follow every rule; each broken one is caught by the rule it breaks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from conformance.trials import PROTOCOLS, Case, Results, all_tried, failed, left_out, wanted_cases
from gleancam_upstream.conformance.device_trial import try_device
from gleancam_upstream.conformance.rules import DEVICE

SOUND = [Case("small_device.py", protocol) for protocol in PROTOCOLS]
FORGETFUL = "forgetful"
"""Correlation Data is MQTT 5's."""
SHARED = frozenset({"D-10"})
"""Devices that never send again are told from slow ones only by a patience of minutes."""
FAULTS = {
    "passing status": "D-01",
    "no session": "D-02",
    "old cameras": "D-02",
    "passing info": "D-03",
    "no cameras": "D-04",
    "wrong schema": "D-05",
    "manifest first": "D-06",
    "wrong sha256": "D-07",
    "no source": "D-08",
    "heedless": "D-09",
    "changing": "D-11",
    "deaf to ids": "D-12",
    "stubborn": "D-13",
    "fragile": "D-14",
    "never answers": "D-15",
    FORGETFUL: "D-15",
    "born once": "D-16",
    "silent to nonsense": "D-17",
    "retained samples": "D-18",
    "no will": "D-19",
    "old will": "D-19",
}
BROKEN = [
    Case("small_device.py", protocol, fault)
    for protocol in PROTOCOLS
    for fault in FAULTS
    if (protocol, fault) != ("3.1.1", FORGETFUL)
]


@pytest.fixture(scope="module")
def results(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Results]:
    folder = tmp_path_factory.mktemp("devices")
    with all_tried(try_device, wanted_cases(request), folder) as found:
        yield found


@pytest.mark.parametrize("case", SOUND, ids=str)
def test_a_sound_device_follows_every_rule(results: Results, case: Case) -> None:
    findings = results[case].result()
    assert failed(findings) == left_out(findings) == {}
    assert [one.rule for one in findings] == list(DEVICE)


@pytest.mark.parametrize("case", BROKEN, ids=str)
def test_a_broken_device_breaks_its_rule_and_no_other(results: Results, case: Case) -> None:
    assert list(failed(results[case].result())) == [FAULTS[case.fault]]


def test_every_rule_has_somebody_who_breaks_it() -> None:
    assert set(FAULTS.values()) | SHARED == set(DEVICE)
