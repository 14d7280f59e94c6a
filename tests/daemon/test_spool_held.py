"""Pictures that wait on the device: under a name of their own, cheap to lose, and told of."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from gleancam.spool.fsck import examine
from gleancam.spool.queue import Spool
from gleancam.spool.repair import repair
from gleancam.spool.states import State
from gleancam.wire.event import event_data, tombstone_parcel
from gleancam.wire.loss import Loss
from gleancam.wire.parcel import Parcel, messages
from gleancam.wire.picture import picture_id
from gleancam.wire.sample import sample_parcel
from gleancam.wire.schemas import load_schema
from made_samples import CONTEXT, TOPICS, made_image, made_sample

numbers = count()


def held_parcel(seed: int) -> Parcel:
    return sample_parcel(made_sample(seed), made_image(seed), replace(CONTEXT, images="held"))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "spool.db"


@pytest.fixture
def spool(path: Path) -> Iterator[Spool]:
    with closing(Spool.open(path, 10**9, 0)) as spool:
        yield spool


def states(spool: Spool) -> dict[str, str]:
    return {row.parcel_id: row.state.value for row in spool.rows(100)}


def lost(spool: Spool) -> list[tuple[str, int, int, tuple[str, ...]]]:
    """Return reason, samples, events and ids of what is told."""

    def tombstone(camera_id: str, losses: tuple[Loss, ...]) -> Parcel:
        return tombstone_parcel(camera_id, losses, f"tomb-{next(numbers)}", 10**18, CONTEXT)

    spool.tell_losses(tombstone)
    told = [one.parcel for one in spool.claim(9, 0) if one.parcel.lane == "tombstone"]
    for one in told:
        Draft202012Validator(load_schema("event")).validate(json.loads(one.data))
    found = [loss for one in told for loss in event_data(one.data).lost or ()]
    return [(one.reason, one.samples, one.events, one.ids) for one in found]


def test_the_manifest_goes_alone_and_the_picture_when_it_is_asked_for(spool: Spool) -> None:
    parcel = held_parcel(1)
    spool.add(parcel)
    (first,) = spool.claim(9, 0)
    (manifest,) = messages(first.parcel, TOPICS, attempt=1, spooled_s=0, mqtt5=True)
    block = json.loads(manifest.payload)["image"]
    assert (block["delivery"], block["bytes"]) == ("held", len(parcel.image or b""))
    assert [one.kind for one in spool.gone([parcel.parcel_id])] == ["manifest"]
    assert states(spool) == {picture_id(parcel.parcel_id): "held"}
    assert spool.claim(9, 0) == []
    assert spool.fetch([parcel.parcel_id, "nobody", parcel.parcel_id]) == ("nobody",)
    (second,) = spool.claim(9, 0)
    assert not second.damage
    (picture,) = messages(second.parcel, TOPICS, attempt=1, spooled_s=0, mqtt5=True)
    assert (picture.topic, picture.payload) == (block["ref"], parcel.image)
    assert spool.fetch([parcel.parcel_id]) == (), "it is on its way"


def test_what_is_said_of_the_manifest_again_says_nothing_of_the_picture(spool: Spool) -> None:
    name = (parcel := held_parcel(1)).parcel_id
    spool.add(parcel)
    spool.gone([name])
    for _ in range(2):
        assert spool.gone([name]) == ()
        assert not spool.dead(name, "rejected")
        spool.fetch([name])
        spool.claim(9, 0)
    assert states(spool) == {picture_id(name): "inflight"}
    assert [one.kind for one in spool.gone([picture_id(name)])] == ["picture"]
    assert states(spool) == {}


def test_a_restart_keeps_what_is_held_and_what_was_asked_for(path: Path) -> None:
    asked, other = held_parcel(1), held_parcel(2)
    with closing(Spool.open(path, 10**9, 0)) as spool:
        for one in (asked, other):
            spool.add(one)
        spool.gone([asked.parcel_id, other.parcel_id])
        spool.fetch([asked.parcel_id])
        spool.claim(9, 0)
    with closing(Spool.open(path, 10**9, 0)) as spool:
        assert spool.found == 2
        assert states(spool) == {
            picture_id(asked.parcel_id): "ready",
            picture_id(other.parcel_id): "held",
        }
    assert examine(path) == []


def test_held_pictures_go_before_what_nobody_has_heard_of(path: Path) -> None:
    with closing(Spool.open(path, 300_000, 0)) as spool:
        held = held_parcel(0)
        spool.add(replace(held, value=4.0))
        spool.gone([held.parcel_id])
        evicted: tuple[str, ...] = ()
        seeds = count(1)
        while not evicted:
            evicted = spool.add(replace(held_parcel(next(seeds)), value=0.0))
        assert evicted == (picture_id(held.parcel_id),)
        assert lost(spool) == [("unfetched", 1, 0, (held.parcel_id,))]


def test_pictures_too_old_are_told_of_as_what_they_are(path: Path) -> None:
    now = 0
    with closing(Spool.open(path, 10**9, 0, lambda: now)) as spool:
        held, unheard = held_parcel(1), held_parcel(2)
        spool.add(held)
        spool.add(unheard)
        spool.gone([held.parcel_id])
        now = 100
        spool.age_out(10)
        assert states(spool) == {}
        assert sorted(lost(spool)) == [
            ("expired", 1, 0, (unheard.parcel_id,)),
            ("unfetched", 1, 0, (held.parcel_id,)),
        ]


def test_a_damaged_spool_gives_back_what_it_held(path: Path) -> None:
    parcels = [held_parcel(seed) for seed in range(4)]
    with closing(Spool.open(path, 10**9, 0)) as spool:
        for one in parcels:
            spool.add(one)
        spool.gone([one.parcel_id for one in parcels[:2]])
    path.with_name(f"{path.name}.suspect").write_text("a test says so")
    with closing(Spool.open(path, 10**9, 0)) as spool:
        assert spool.rescued is not None
        assert spool.stat().parcels[State.HELD] == 2
        assert spool.fetch([one.parcel_id for one in parcels]) == tuple(
            one.parcel_id for one in parcels[2:]
        )
        claimed = {one.parcel.parcel_id: one.parcel for one in spool.claim(9, 0)}
        for one in parcels[:2]:
            assert claimed[picture_id(one.parcel_id)].image == one.image


def test_a_body_whose_row_is_lost_is_the_manifest_again(path: Path) -> None:
    parcel = held_parcel(1)
    with closing(Spool.open(path, 10**9, 0)) as spool:
        spool.add(parcel)
        spool.gone([parcel.parcel_id])
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DELETE FROM parcels")
        connection.commit()
    assert examine(path)
    repair(path)
    assert examine(path) == []
    with closing(Spool.open(path, 10**9, 0)) as spool:
        (claimed,) = spool.claim(9, 0)
    assert (claimed.parcel.kind, claimed.parcel.parcel_id) == ("manifest", parcel.parcel_id)
    assert not claimed.damage


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE parcels SET state = 'held' WHERE kind = 'manifest'",
        "UPDATE parcels SET parcel_id = 'another' WHERE kind = 'picture'",
        "UPDATE bodies SET image = NULL WHERE seq = 1",
    ],
)
def test_fsck_finds_and_mends(path: Path, statement: str) -> None:
    with closing(Spool.open(path, 10**9, 0)) as spool:
        for one in (first := held_parcel(1), held_parcel(2)):
            spool.add(one)
        spool.gone([first.parcel_id])
    shutil.copy(path, path.with_name("sound"))
    assert examine(path) == []
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute(statement).rowcount == 1
        connection.commit()
    assert "pictures" in {one.check for one in examine(path)}
    assert repair(path)
    assert examine(path) == []
