"""The shipped broker configuration, in a real mosquitto with TLS: who may do what."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from brokers import Broker
from shipped_broker import AUDITOR, SHIPPED, Talker, script, shipped_broker, talker

DEVICE, OTHER_DEVICE = "north-yard.orin-1", "north-yard.orin-2"
CONSUMER, OTHER_CONSUMER, OPERATOR = "north-yard.archive", "south-yard.archive", "north-yard.anna"
SAME_NAME_ELSEWHERE = "south-yard.orin-1"
USERS = [DEVICE, OTHER_DEVICE, SAME_NAME_ELSEWHERE, CONSUMER, OTHER_CONSUMER, OPERATOR, AUDITOR]
NOT_AUTHORISED = 0x87
ROOT = "gleancam/v1/north-yard"
MINE, ITS, ELSEWHERE = f"{ROOT}/orin-1", f"{ROOT}/orin-2", "gleancam/v1/south-yard/orin-1"

SAID_BY_DEVICES = (
    *("status", "info", "stats", "reported", "cam/gate/status", "cam/gate/sample"),
    *("cam/gate/image/0190-a", "cam/gate/event", "cmd/pause/result", "cmd/pause/result/0190-a"),
)
TOLD_TO_DEVICES = ("ack", "desired", "cmd/pause")

MAY_WRITE = [
    *((DEVICE, f"{MINE}/{what}") for what in SAID_BY_DEVICES),
    (CONSUMER, f"{MINE}/ack"),
    (CONSUMER, f"{ITS}/ack"),
    (CONSUMER, f"{ROOT}/ingest/archive/status"),
    (OPERATOR, f"{MINE}/cmd/pause"),
    (OPERATOR, f"{MINE}/desired"),
]
STRANGE = ("$SYS/broker/uptime", "other/v1/north-yard/orin-1/status", "gleancam/v2/north-yard/x")
MAY_NOT_WRITE = [
    *((DEVICE, f"{ITS}/{what}") for what in (*SAID_BY_DEVICES, *TOLD_TO_DEVICES)),
    *((DEVICE, f"{ELSEWHERE}/{what}") for what in (*SAID_BY_DEVICES, *TOLD_TO_DEVICES)),
    *((DEVICE, f"{MINE}/{what}") for what in (*TOLD_TO_DEVICES, "cam/gate", "cmd/a/b/result", "x")),
    *((DEVICE, topic) for topic in (f"{ROOT}/ingest/archive/status", *STRANGE)),
    *((CONSUMER, f"{MINE}/{what}") for what in (*SAID_BY_DEVICES, "desired", "cmd/pause")),
    *((CONSUMER, f"{ELSEWHERE}/{what}") for what in ("ack", "status", "cam/gate/sample")),
    (CONSUMER, f"{ROOT}/ingest/trainer/status"),
    (CONSUMER, "gleancam/v1/south-yard/ingest/archive/status"),
    *((OPERATOR, f"{MINE}/{what}") for what in (*SAID_BY_DEVICES, "ack")),
    (OPERATOR, f"{ROOT}/ingest/archive/status"),
    (OPERATOR, f"{ELSEWHERE}/cmd/pause"),
]

EVERYTHING = [
    *(f"{root}/{what}" for root in (MINE, ITS, ELSEWHERE) for what in SAID_BY_DEVICES),
    *(f"{root}/{what}" for root in (MINE, ITS, ELSEWHERE) for what in TOLD_TO_DEVICES),
    f"{ROOT}/ingest/archive/status",
    "gleancam/v1/south-yard/ingest/archive/status",
]
"""One message on every kind of topic, of two devices and two sites."""
HEARD_BY_DEVICE = {
    *(f"{MINE}/{what}" for what in TOLD_TO_DEVICES),
    f"{ROOT}/ingest/archive/status",
}
HEARD_BY_CONSUMER = {f"{root}/{what}" for root in (MINE, ITS) for what in SAID_BY_DEVICES}
HEARD = {
    DEVICE: HEARD_BY_DEVICE,
    CONSUMER: HEARD_BY_CONSUMER,
    OPERATOR: HEARD_BY_CONSUMER | {f"{ROOT}/ingest/archive/status"},
}
FILTERS = (
    *("#", "+/#", "gleancam/#", "gleancam/v1/+/orin-1/#", f"{ROOT}/#", f"{ROOT}/+/cam/+/sample"),
    *("$SYS/#", "$SYS/broker/clients/connected", f"{ITS}/ack", f"{ELSEWHERE}/cam/gate/sample"),
    f"$share/thieves/{ROOT}/+/cam/+/sample",
)

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    with shipped_broker(tmp_path_factory.mktemp("broker"), USERS) as started:
        yield started


def test_what_is_allowed_is_allowed(broker: Broker) -> None:
    for user in (DEVICE, CONSUMER, OPERATOR):
        with talker(broker, user) as one:
            codes = {topic: one.publish(topic) for who, topic in MAY_WRITE if who == user}
        assert max(codes.values()) < 0x80, codes


@pytest.mark.parametrize("retain", [False, True], ids=["plain", "retained"])
def test_what_is_forbidden_is_refused(broker: Broker, *, retain: bool) -> None:
    for user in (DEVICE, CONSUMER, OPERATOR):
        with talker(broker, user) as one:
            codes = {
                topic: one.publish(topic, retain=retain)
                for who, topic in MAY_NOT_WRITE
                if who == user
            }
        assert set(codes.values()) == {NOT_AUTHORISED}, codes


def test_over_3_1_1_what_is_forbidden_is_dropped_in_silence(broker: Broker) -> None:
    with talker(broker, AUDITOR) as auditor:
        auditor.subscribe("#")
        auditor.received.clear()  # what is retained
        for user, last in ((DEVICE, f"{MINE}/stats"), (CONSUMER, f"{MINE}/ack")):
            with talker(broker, user, protocol="3.1.1") as one:
                wanted = [topic for who, topic in MAY_NOT_WRITE if who == user]
                assert {one.publish(topic, retain=True) for topic in wanted} == {0}
                one.publish(last)
            auditor.turn(lambda last=last: last in auditor.topics())  # type: ignore[misc]

    assert auditor.topics() == {f"{MINE}/stats", f"{MINE}/ack"}


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
@pytest.mark.parametrize("user", HEARD)
def test_nobody_hears_more_than_is_his(broker: Broker, user: str, protocol: str) -> None:
    """By any wildcard, retained before he came and published while he listens."""
    with talker(broker, AUDITOR) as auditor:
        for topic in EVERYTHING:
            auditor.publish(topic, b"before", retain=True)
        with talker(broker, user, protocol=protocol) as listener:
            for wanted in FILTERS:
                listener.subscribe(wanted)
            for topic in EVERYTHING:
                auditor.publish(topic, b"after")
            expected = {(topic, text) for topic in HEARD[user] for text in (b"before", b"after")}
            listener.turn(lambda: expected <= heard(listener))
            # Whatever is forbidden would have come before this.
            last = min(HEARD[user])
            auditor.publish(last, b"last")
            listener.turn(lambda: (last, b"last") in heard(listener))
        for topic in EVERYTHING:
            auditor.publish(topic, b"", retain=True)

    assert listener.topics() == HEARD[user]


def heard(listener: Talker) -> set[tuple[str, bytes]]:
    return {(message.topic, bytes(message.payload)) for message in listener.received}


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
@pytest.mark.parametrize("user", ["", "north-yard.nobody"])
def test_strangers_are_not_let_in(broker: Broker, user: str, protocol: str) -> None:
    with talker(broker, user, protocol=protocol) as stranger:
        assert stranger.connected[0] >= 0x80


def test_a_session_that_is_taken_over_tells_the_thief_nothing(broker: Broker) -> None:
    """mosquitto ties no client id to a user: README.md says what that costs."""
    with talker(broker, CONSUMER) as consumer, talker(broker, DEVICE, client_id="v") as victim:
        victim.subscribe(f"{MINE}/ack")
        with talker(broker, OTHER_DEVICE, client_id="v") as thief:
            consumer.publish(f"{MINE}/ack", b"secret")
            consumer.publish(f"{ITS}/ack", b"its own")
            thief.subscribe(f"{ITS}/ack")
            consumer.publish(f"{ITS}/ack", b"last")
            thief.turn(lambda: any(one.payload == b"last" for one in thief.received))

    assert thief.topics() == {f"{ITS}/ack"}


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    folder = tmp_path_factory.mktemp("strict")
    with shipped_broker(folder, [DEVICE, OTHER_DEVICE, CONSUMER], certificates=True) as started:
        yield started


def test_a_certificate_says_who_somebody_is(strict: Broker) -> None:
    with talker(strict, DEVICE, certificate=True) as device:
        assert device.publish(f"{MINE}/status") < 0x80
        assert device.publish(f"{ITS}/status") == NOT_AUTHORISED
        assert device.publish(f"{ELSEWHERE}/status") == NOT_AUTHORISED


def test_a_user_name_does_not_stand_in_for_a_certificate(strict: Broker) -> None:
    with pytest.raises((OSError, AssertionError)), talker(strict, CONSUMER) as stranger:
        assert stranger.connected[0] < 0x80


def test_the_certificate_counts_and_not_the_name_that_is_given(strict: Broker) -> None:
    with talker(strict, DEVICE, certificate=True) as device:
        device.client.username_pw_set(OTHER_DEVICE, "x")
        device.connected.clear()
        device.client.reconnect()
        device.turn(lambda: bool(device.connected))
        assert device.publish(f"{ITS}/status") == NOT_AUTHORISED


def test_a_revoked_certificate_is_refused(tmp_path: Path) -> None:
    with shipped_broker(tmp_path, [DEVICE, OTHER_DEVICE], certificates=True) as broker:
        with talker(broker, DEVICE, certificate=True) as device:
            assert device.connected[0] == 0
        broker.stop()
        script("certificates.sh", "revoke", tmp_path, DEVICE)
        broker.start()
        with talker(broker, OTHER_DEVICE, certificate=True) as device:
            assert device.connected[0] == 0
        with (
            pytest.raises((OSError, AssertionError)),
            talker(broker, DEVICE, certificate=True) as d,
        ):
            assert d.connected[0] < 0x80


def test_the_authority_is_not_made_twice_and_its_key_is_private(tmp_path: Path) -> None:
    script("certificates.sh", "authority", tmp_path / "pki")
    script("certificates.sh", "client", tmp_path / "pki", DEVICE)

    for name in ("ca.key", f"{DEVICE}.key"):
        assert (tmp_path / "pki" / name).stat().st_mode & 0o077 == 0
    with pytest.raises(Exception, match="non-zero"):
        script("certificates.sh", "authority", tmp_path / "pki")


@pytest.mark.parametrize(
    "asked",
    [
        ("device", "north-yard", "+"),
        ("device", "#", "orin-1"),
        ("device", "north-yard", "ingest"),
        ("consumer", "a/b", "x"),
        ("device", "north-yard", "orin-1\ntopic readwrite #"),
        ("root", "north-yard", "x"),
    ],
)
def test_no_name_can_widen_the_list(asked: tuple[str, ...]) -> None:
    with pytest.raises(Exception, match="non-zero"):
        script("grant.sh", *asked)


def test_the_shipped_list_is_what_the_script_writes() -> None:
    acl = (SHIPPED / "acl").read_text()
    made = "".join(
        script("grant.sh", role, "north-yard", name)
        for role, name in (("device", "orin-1"), ("consumer", "archive"), ("operator", "anna"))
    )

    assert acl.partition("\n\n")[2] == made.lstrip("\n")
    assert not re.search(r"^topic (write|readwrite) .*#", acl, re.MULTILINE)
