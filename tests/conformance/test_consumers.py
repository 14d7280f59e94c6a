"""Consumers of three makes follow every rule; each broken one is caught by the rule it breaks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from conformance.trials import PROTOCOLS, Case, Results, all_tried, failed, left_out, wanted_cases
from gleancam_upstream.conformance.consumer_trial import try_consumer
from gleancam_upstream.conformance.rules import CONSUMER

SOUND = [
    Case(program, protocol)
    for program in ("small_consumer.py", "small_stream.py", "shell_consumer.sh")
    for protocol in PROTOCOLS
]
NO_ENVELOPE = "bare only"
"""Over 3.1.1 it takes nothing at all, which is another rule."""
FAULTS = {
    "no presence": "C-01",
    "unretained": "C-02",
    "no will": "C-03",
    "passing will": "C-03",
    "mute": "C-04",
    "drops manifests": "C-05",
    "early": "C-06",
    "once": "C-07",
    "careless": "C-08",
    "strict": "C-09",
    "fragile": "C-10",
    "no events": "C-11",
    "waits for held": "C-12",
    "names pictures wrongly": "C-13",
    NO_ENVELOPE: "C-14",
    "bad acks": "C-15",
    "retained acks": "C-15",
    "talkative": "C-16",
}
BROKEN = [
    Case("small_consumer.py", protocol, fault)
    for protocol in PROTOCOLS
    for fault in FAULTS
    if (protocol, fault) != ("3.1.1", NO_ENVELOPE)
]


@pytest.fixture(scope="module")
def results(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Results]:
    folder = tmp_path_factory.mktemp("consumers")
    with all_tried(try_consumer, wanted_cases(request), folder) as found:
        yield found


@pytest.mark.parametrize("case", SOUND, ids=str)
def test_a_sound_consumer_follows_every_rule(results: Results, case: Case) -> None:
    findings = results[case].result()
    assert failed(findings) == left_out(findings) == {}
    assert [one.rule for one in findings] == list(CONSUMER)


@pytest.mark.parametrize("case", BROKEN, ids=str)
def test_a_broken_consumer_breaks_its_rule_and_no_other(results: Results, case: Case) -> None:
    assert list(failed(results[case].result())) == [FAULTS[case.fault]]


def test_every_rule_has_somebody_who_breaks_it() -> None:
    assert set(FAULTS.values()) == set(CONSUMER)
