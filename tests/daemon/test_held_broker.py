"""Held pictures over a real mosquitto, on 5 and on 3.1.1: device, consumer and operator."""

from __future__ import annotations

import hashlib
import shutil
import uuid
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

import brokers
from commanded_device import Device, running
from gleancam.delivery import command_desk
from gleancam.spool.queue import Spool
from gleancam.spool.states import State
from gleancam.wire.command import Command
from gleancam.wire.command_result import EXPIRY_S, CommandResultData
from gleancam.wire.parcel import Parcel
from gleancam.wire.sample import sample_data, sample_parcel
from gleancam_upstream.broker import Broker
from gleancam_upstream.commanding import give
from gleancam_upstream.consume import Consumer
from gleancam_upstream.dataset import FolderDataset
from gleancam_upstream.ingest import Until, ingest
from made_samples import CONTEXT, made_image, made_sample
from mqtt_rig import TOPICS, peer, settings
from waiting import wait_until

pytestmark = pytest.mark.usefixtures("clock_is_set")


def held_parcel(seed: int) -> Parcel:
    return sample_parcel(made_sample(seed), made_image(seed), replace(CONTEXT, images="held"))


def as_a_kill_leaves_it(path: Path, folder: Path) -> Spool:
    """Return the spool of a daemon that was killed now: what is in its files, and no more."""
    folder.mkdir()
    for name in (path.name, f"{path.name}-wal"):
        shutil.copy(path.with_name(name), folder / name)
    return Spool.open(folder / path.name, 10**9, 0)


class Site:
    """A consumer that can be restarted, and an operator."""

    def __init__(self, port: int, protocol: str, folder: Path) -> None:
        self.broker = Broker("127.0.0.1", port, protocol="5" if protocol == "5" else "3.1.1")
        self.folder = folder

    def consume(self, until: Until) -> None:
        with (
            FolderDataset(self.folder) as dataset,
            Consumer(
                self.broker,
                site="depot",
                consumer="folder",
                seen=dataset.seen,
                manifests=dataset,
            ) as consumer,
        ):
            ingest(consumer, dataset, until, stopped=lambda: False, progress=lambda: None)
            assert not consumer.counts.failed, consumer.counts.problems

    def fetch(self, *samples: str) -> CommandResultData:
        command = Command("fetch-sample", uuid.uuid4().hex, samples=samples)
        command = replace(command, expires_ns=command_desk.system_time().utc_ns + 60 * 10**9)
        answer = give(self.broker, TOPICS, command, expires_s=60, wait_s=20)
        assert answer is not None
        return answer

    def pictures(self) -> set[str]:
        return {path.stem for path in self.folder.glob("images/*/*.jpg")}

    def samples(self) -> set[str]:
        return {path.stem for path in self.folder.glob("samples/*/*.json")}


def held(spool: Spool) -> int:
    return spool.stat().parcels[State.HELD]


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
def test_a_picture_is_fetched_after_both_sides_restarted(
    broker: brokers.Broker, protocol: str, tmp_path: Path
) -> None:
    parcels = [held_parcel(seed) for seed in range(3)]
    names = [one.parcel_id for one in parcels]
    site = Site(broker.port, protocol, tmp_path / "data")
    mqtt = settings(broker.port, protocol=protocol)
    with closing(Spool.open(tmp_path / "spool.db", 10**9, 0)) as spool:
        for one in parcels:
            spool.add(one)
        with running(Device(spool, mqtt)):
            site.consume(Until(samples=3))
            wait_until(lambda: held(spool) == 3)
            killed = as_a_kill_leaves_it(tmp_path / "spool.db", tmp_path / "killed")
    assert (site.samples(), site.pictures()) == (set(names), set())

    with closing(killed) as spool, running(Device(spool, mqtt)):
        assert held(spool) == 3
        answer = site.fetch(names[0], "of-nobody")
        assert (answer.outcome, answer.missing) == ("done", ("of-nobody",))
        site.consume(Until(idle_s=2.0))
        wait_until(lambda: sum(spool.stat().parcels.values()) == 2)
        assert site.pictures() == {names[0]}
        again = site.fetch(names[0])
        assert (again.outcome, again.missing) == ("refused", (names[0],))
        assert site.fetch(names[1], names[2]).outcome == "done"
        site.consume(Until(idle_s=2.0))
        wait_until(lambda: sum(spool.stat().parcels.values()) == 0)
    for one in parcels:
        picture = site.folder / "images" / "front" / f"{one.parcel_id}.jpg"
        said = sample_data(one.data).image.sha256
        assert hashlib.sha256(picture.read_bytes()).hexdigest() == said
    lines = (site.folder / "index.jsonl").read_text().splitlines()
    assert len(lines) == len((site.folder / "pictures.jsonl").read_text().splitlines()) == 3


def test_what_must_not_be_lost_never_expires_at_the_broker_and_answers_do(
    broker: brokers.Broker, tmp_path: Path
) -> None:
    with (
        closing(Spool.open(tmp_path / "spool.db", 10**9, 0)) as spool,
        peer(broker.port) as connection,
    ):
        connection.subscribe(f"{TOPICS.root}/#")
        connection.come_online()
        one = held_parcel(0)
        spool.add(one)
        spool.add(sample_parcel(made_sample(1), made_image(1), CONTEXT))
        with running(Device(spool, settings(broker.port))) as device:
            found: dict[str, int | None] = {}
            asked = False
            while len(found) < 3:
                message = connection.get()
                kind = message.topic.removeprefix(f"{TOPICS.root}/").split("/")
                expiry_s = getattr(message.properties, "MessageExpiryInterval", None)
                name = kind[2] if kind[0] == "cam" else kind[-1]
                if name in {"sample", "image", "result"}:
                    found[name] = expiry_s
                if not asked:
                    asked = True
                    connection.say(TOPICS.command("rebirth"), b'{"id": "a"}')
            assert device.crashes == []
    assert found == {"sample": None, "image": None, "result": EXPIRY_S}
