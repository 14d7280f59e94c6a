"""The twin's decisions: what it refuses, tries, confirms, takes back and remembers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from gleancam.config.file import read_document
from gleancam.config.keys import Config
from gleancam.twin.store import State, Store, Wish, store_path
from gleancam.twin.trial import Seen
from gleancam.twin.twin import Twin
from gleancam.wire.schemas import load_schema
from gleancam.wire.twin import LIMIT_BYTES, RefusedData, reported_message
from mqtt_rig import TOPICS

FILE = """
site = "yard"
device = "d-1"
[[cameras]]
id = "front"
source = "rtsp"
url = "rtsp://camera.invalid/1"
credentials_file = "/etc/front"
mask = [{ name = "neighbour", polygon = [[0.0, 0.0], [0.5, 0.0], [0.5, 1.0]] }]
[[cameras]]
id = "yard"
source = "test"
[mqtt]
password_file = "/etc/secret"
username_file = "/etc/user"
[remote]
configuration = true
trial_s = 10
"""
WELL = Seen(frozenset({"front", "yard"}), frozenset({"front", "yard"}), connected=True)

NOBODY = Seen(frozenset(), frozenset(), connected=False)


class Site:
    """A device's folder; every `start` is a new process."""

    def __init__(self, folder: Path, text: str = FILE) -> None:
        self.path, self.now = folder / "config.toml", 0.0
        self.store = Store(store_path(str(folder / "spool.db")))
        self.path.write_text(text)

    def start(self) -> Twin:
        document = read_document(self.path)
        return Twin(document, "file", lambda _: self.store, lambda: self.now, lambda *_: None)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def want(number: int, **configuration: Any) -> bytes:
    return json.dumps({"version": number, "configuration": configuration}).encode()


def ask(twin: Twin, payload: bytes, seen: Seen = WELL) -> bool:
    twin.hear(payload)
    return twin.look(seen)


def fps(config: Config) -> list[float]:
    return [camera.fps for camera in config.cameras]


FASTER = {"cameras": [{"id": "yard", "fps": 5.0}]}


def refused(twin: Twin) -> RefusedData:
    report = twin.report()
    message = reported_message(TOPICS, report)
    Draft202012Validator(load_schema("reported")).validate(json.loads(message.payload))
    assert message.retain
    assert b"/etc/" not in message.payload
    assert report.refused is not None
    return report.refused


def test_a_change_is_tried_confirmed_and_survives_a_restart(site: Site) -> None:
    twin = site.start()
    assert ask(twin, want(1, **FASTER))
    assert fps(twin.config) == [1.0, 5.0]
    assert (twin.report().state, twin.report().trial_left_s) == ("trial", 10.0)
    assert not twin.look(WELL)
    site.now = 9.9
    assert not twin.look(WELL)
    assert twin.report().state == "trial"
    site.now = 10.0
    assert not twin.look(WELL)
    report = twin.report()
    assert (report.state, report.version, report.trial_left_s) == ("confirmed", 1, None)
    again = site.start()
    assert fps(again.config) == [1.0, 5.0]
    assert again.report().configuration_sha256 == report.configuration_sha256
    assert not ask(again, want(1, **FASTER)), "retained: it comes at every connect"
    assert again.report().refused is None


def test_taking_everything_back_is_tried_too(site: Site) -> None:
    twin = site.start()
    before = twin.report().configuration_sha256
    confirm(site, twin, want(1, **FASTER))
    assert ask(twin, want(2))
    assert twin.report().configuration_sha256 == before
    assert not ask(twin, b""), "a retained topic that is emptied asks for nothing"


def confirm(site: Site, twin: Twin, payload: bytes) -> None:
    assert ask(twin, payload)
    twin.look(WELL)
    site.now += 10
    assert not twin.look(WELL)
    assert twin.report().state == "confirmed"


@pytest.mark.parametrize("way", ["killed", "camera", "broker", "build"])
def test_a_trial_that_fails_is_taken_back_and_not_tried_again(site: Site, way: str) -> None:
    twin = site.start()
    confirm(site, twin, want(1, **FASTER))
    assert ask(twin, want(2, cameras=[{"id": "yard", "fps": 9.0}]))
    why = {"killed": "kill", "camera": "yard", "broker": "broker", "build": "no model"}[way]
    if way == "killed":
        twin = site.start()
    elif way == "build":
        assert twin.undo("no model")
    else:
        online = frozenset({"front"}) if way == "camera" else WELL.online
        ill = Seen(online, WELL.watched, connected=way != "broker")
        assert not twin.look(ill)
        site.now += 10
        assert twin.look(ill)
    for one in (twin, site.start()):
        assert fps(one.config) == [1.0, 5.0]
        assert not ask(one, want(2, cameras=[{"id": "yard", "fps": 9.0}]))
        assert (one.report().state, one.report().version) == ("confirmed", 1)
        assert (refused(one).version, refused(one).outcome) == (2, "rolled-back")
        assert why in refused(one).errors[0].message
    assert ask(twin, want(3, cameras=[{"id": "yard", "fps": 9.0}]))


def test_a_trial_that_an_orderly_stop_ended_begins_anew(site: Site) -> None:
    twin = site.start()
    assert ask(twin, want(1, **FASTER))
    twin.close()
    again = site.start()
    assert again.report().state == "file"
    assert again.report().refused is None
    assert ask(again, want(1, **FASTER))


def test_a_camera_that_was_switched_off_may_be_away(site: Site) -> None:
    twin = site.start()
    assert ask(twin, want(1, cameras=[{"id": "front", "enabled": False}]))
    off = Seen(frozenset({"yard"}), frozenset({"yard"}), connected=True)
    twin.look(off)
    site.now = 10
    assert not twin.look(off)
    assert twin.report().state == "confirmed"


def test_a_newer_wish_replaces_one_on_trial(site: Site) -> None:
    twin = site.start()
    assert ask(twin, want(1, **FASTER))
    assert ask(twin, want(2, cameras=[{"id": "yard", "fps": 7.0}]), NOBODY)
    twin.look(WELL)
    site.now = 10
    assert twin.look(Seen(frozenset({"front"}), WELL.watched, connected=True)), "yard was online"
    assert fps(twin.config) == [1.0, 1.0]


def test_what_is_in_force_already_changes_nothing(site: Site) -> None:
    twin = site.start()
    assert not ask(twin, want(4, cameras=[{"id": "yard", "fps": 1.0}]))
    assert (twin.report().state, twin.report().version) == ("confirmed", 4)


FORBIDDEN: dict[str, Any] = {
    "mqtt.password_file": {"mqtt": {"password_file": "/etc/passwd"}},
    "mqtt.host": {"mqtt": {"host": "evil"}},
    "mqtt.tls": {"mqtt": {"tls": {"verify": False}}},
    "directory": {"directory": {"path": "/tmp/x"}},  # noqa: S108
    "http": {"http": {"host": "0.0.0.0"}},  # noqa: S104
    "site": {"site": "other"},
    "remote": {"remote": {"trial_s": 1}},
    "spool.path": {"spool": {"path": "/tmp/x"}},  # noqa: S108
    "decisions.path": {"decisions": {"path": "/tmp/x"}},  # noqa: S108
    "models.directory": {"models": {"directory": "/tmp/x"}},  # noqa: S108
    "models.backend": {"models": {"backend": "openvino"}},
    "cameras[0].url": {"cameras": [{"id": "front", "url": "rtsp://evil/"}]},
    "cameras[0].source": {"cameras": [{"id": "front", "source": "test"}]},
    "cameras[0].credentials_file": {"cameras": [{"id": "front", "credentials_file": "/x"}]},
    "cameras[0]": {"cameras": [{"id": "new", "fps": 2}]},
    "selection.zero_shot.prototypes": {"selection": {"zero_shot": {"prototypes": "/etc/x"}}},
    "selection.near[0]": {"selection": {"near": [{"tag": "new", "prototypes": "/etc/x"}]}},
    "log_level": {"log_level": "debug"},
}
WRONG: dict[str, Any] = {
    "cameras[1].fps": {"cameras": [{"id": "yard", "fps": -1}]},
    "selection.gate.enabled": {"selection": {"gate": {"enabled": "yes"}}},
    "selection.nowelty": {"selection": {"nowelty": {}}},
    "models.embedder": {"models": {"embedder": "../../etc"}},
    "selection": {"selection": 3},
    "cameras": {"cameras": {"id": "front"}},
}


@pytest.mark.parametrize("path", [*FORBIDDEN, *WRONG])
def test_what_is_wrong_is_said_with_its_key_and_changes_nothing(site: Site, path: str) -> None:
    twin = site.start()
    before = twin.report().configuration_sha256
    assert not ask(twin, want(1, **{**FORBIDDEN, **WRONG}[path]))
    answer = refused(twin)
    assert (answer.version, answer.outcome) == (1, "rejected")
    assert path in [error.path for error in answer.errors]
    assert twin.report().configuration_sha256 == before
    assert site.store.load() == State()


@pytest.mark.parametrize(
    "payload",
    [b"on", b"[]", b"{}", b'{"version": 0, "configuration": {}}', b" " * (LIMIT_BYTES + 1)],
)
def test_what_is_no_wish_is_rejected(site: Site, payload: bytes) -> None:
    twin = site.start()
    assert not ask(twin, payload)
    assert (refused(twin).version, refused(twin).outcome) == (None, "rejected")


def test_an_older_wish_and_another_of_the_same_version_are_refused(site: Site) -> None:
    twin = site.start()
    confirm(site, twin, want(5, **FASTER))
    for payload in (want(4), want(5)):
        assert not ask(twin, payload)
        assert refused(twin).errors[0].path == "version"
    assert twin.report().version == 5


def test_masks_are_added_and_never_taken_away(site: Site) -> None:
    more = {"name": "more", "polygon": [[0.5, 0.5], [1.0, 0.5], [1.0, 1.0]]}
    twin = site.start()
    assert ask(twin, want(1, cameras=[{"id": "front", "mask": [more]}]))
    assert [one.name for one in twin.config.cameras[0].mask] == ["neighbour", "more"]
    assert not ask(twin, want(2, cameras=[{"id": "front", "mask": "none"}]))
    assert not ask(twin, want(3, cameras=[{"id": "front", "mask": None}]))


def test_a_confirmed_wish_that_no_longer_fits_leaves_the_file_in_force(site: Site) -> None:
    confirm(site, site.start(), want(1, **FASTER))
    site.path.write_text(FILE.replace('id = "yard"', 'id = "gate"'))
    twin = site.start()
    assert fps(twin.config) == [1.0, 1.0]
    assert twin.report().state == "file"
    assert refused(twin).version == 1


def test_a_file_that_does_not_allow_it_is_alone_in_force(site: Site) -> None:
    confirm(site, site.start(), want(1, **FASTER))
    site.path.write_text(FILE.replace("configuration = true", "configuration = false"))
    twin = site.start()
    assert not twin.allowed
    assert (twin.report().state, twin.report().version) == ("file", None)
    assert fps(twin.config) == [1.0, 1.0]


def test_a_disk_that_cannot_be_written_is_no_place_for_a_trial(site: Site) -> None:
    twin = site.start()
    site.path.with_name("spool.db.remote.json.new").mkdir()
    assert not ask(twin, want(1, **FASTER))
    assert "written" not in refused(twin).errors[0].path
    assert fps(twin.config) == [1.0, 1.0]


def test_damaged_state_is_passed_over(site: Site) -> None:
    site.store.save(State(confirmed=Wish(version=1, configuration=FASTER)))
    path = site.path.with_name("spool.db.remote.json")
    path.write_bytes(path.read_bytes()[:-3])
    assert site.start().report().state == "file"
