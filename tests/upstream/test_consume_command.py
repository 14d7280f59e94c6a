from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gleancam.wire.message import Message
from gleancam.wire.parcel import Parcel
from gleancam.wire.status import device_status
from made_samples import TOPICS, made_event, made_image, made_parcel

Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start(broker_port: int, tmp_path: Path) -> Iterator[Start]:
    """Start `gleancam-upstream consume`; whatever is left is killed."""
    running: list[subprocess.Popen[str]] = []

    def run(*more: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "gleancam_upstream", "consume", "--site", "depot"]
        command += ["--port", str(broker_port), "--host", "127.0.0.1"]
        command += ["--out", str(tmp_path / "out"), "--json", *more]
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        running.append(process)
        return process

    yield run
    for process in running:
        if process.poll() is None:
            process.kill()
        process.communicate()


def result(process: subprocess.Popen[str]) -> dict[str, Any]:
    stdout, stderr = process.communicate(timeout=60)
    assert stdout, stderr
    document: dict[str, Any] = json.loads(stdout)
    return document


def online(payload: bytes) -> bool:
    return bool(json.loads(payload)["online"])


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def broken(parcel: Parcel, change: Callable[[dict[str, Any]], None]) -> Parcel:
    document = json.loads(parcel.data)
    change(document)
    return replace(parcel, data=json.dumps(document).encode())


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
@pytest.mark.parametrize("which", ["device", "device311"])
def test_samples_are_written_then_acknowledged(
    start: Start, tmp_path: Path, which: str, protocol: str, request: pytest.FixtureRequest
) -> None:
    device = request.getfixturevalue(which)
    process = start("--max-samples", "2", "--protocol", protocol)
    assert online(device.saw_presence(1)[0])
    parcels = [made_parcel(1), made_parcel(2, camera="back")]
    for parcel in parcels:
        device.deliver(parcel)
    assert set(device.acknowledged(2)) == {parcel.parcel_id for parcel in parcels}
    document = result(process)
    assert process.returncode == 0
    assert document["messages"]["sample"]["valid"] == 2
    out = tmp_path / "out"
    for parcel in parcels:
        image = out / "images" / parcel.camera_id / f"{parcel.parcel_id}.jpg"
        assert image.read_bytes() == parcel.image
        manifest = out / "samples" / parcel.camera_id / f"{parcel.parcel_id}.json"
        assert manifest.read_bytes() == parcel.data
    rows = lines(out / "index.jsonl")
    assert [row["sample_id"] for row in rows] == [parcel.parcel_id for parcel in parcels]
    assert all(row["received_ns"] <= row["acked_ns"] for row in rows)
    assert not online(device.saw_presence(2)[1])


def test_order_and_duplicates_do_not_matter(start: Start, tmp_path: Path, device: Any) -> None:
    process = start()
    device.saw_presence(1)
    first, second, event = made_parcel(1), made_parcel(2), made_event()
    image, manifest = device.messages(first)
    device.publish(manifest, *device.messages(second), image)
    device.acknowledged(2)
    device.deliver(first, attempt=2)
    device.deliver(event)
    device.acknowledged(4)
    device.deliver(event, attempt=2)
    ids = device.acknowledged(5)
    assert sorted(ids) == sorted([first.parcel_id] * 2 + [second.parcel_id] + [event.parcel_id] * 2)
    process.send_signal(signal.SIGTERM)
    document = result(process)
    assert process.returncode == 0
    assert document["messages"]["sample"]["duplicates"] == 1
    assert document["messages"]["image"]["duplicates"] == 1
    assert document["messages"]["event"]["duplicates"] == 1
    assert document["waiting_images"] == document["waiting_manifests"] == 0
    assert len(lines(tmp_path / "out" / "index.jsonl")) == 2


def wrong_hash(parcel: Parcel) -> Parcel:
    return replace(parcel, image=made_image(99).jpeg)


def wrong_length(parcel: Parcel) -> Parcel:
    return replace(parcel, image=(parcel.image or b"") + b"x")


def wrong_size(parcel: Parcel) -> Parcel:
    return broken(parcel, lambda data: data["image"].update(width=17))


def wrong_norm(parcel: Parcel) -> Parcel:
    return broken(parcel, lambda data: data["embedding"].update(base64="ADwAPAA8ADw=", dim=4))


def other_camera(parcel: Parcel) -> Parcel:
    return broken(parcel, lambda data: data.update(camera="other"))


def box_outside(parcel: Parcel) -> Parcel:
    return broken(parcel, lambda data: data["labels"][0].update(box=[0, 0, 1, 1.5]))


def missing_field(parcel: Parcel) -> Parcel:
    return broken(parcel, lambda data: data.pop("selection"))


def no_json(parcel: Parcel) -> Parcel:
    return replace(parcel, data=b'{"sample_id": "x"')


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (wrong_hash, "image has"),
        (wrong_length, "bytes"),
        (wrong_size, "17 by"),
        (wrong_norm, "norm"),
        (other_camera, "came on"),
        (box_outside, "labels"),
        (missing_field, "selection"),
        (no_json, "JSON"),
    ],
)
def test_what_is_invalid_is_rejected_with_why(
    start: Start, tmp_path: Path, device: Any, spoil: Callable[[Parcel], Parcel], why: str
) -> None:
    process = start("--max-samples", "1")
    device.saw_presence(1)
    bad, good = spoil(made_parcel(1)), made_parcel(2)
    device.deliver(bad)
    assert why in device.rejected(1)[bad.parcel_id]
    device.deliver(good)
    assert device.acknowledged(1) == [good.parcel_id]
    document = result(process)
    assert process.returncode == 1
    assert len(document["problems"]) == 1
    assert [row["sample_id"] for row in lines(tmp_path / "out" / "index.jsonl")] == [good.parcel_id]


def test_a_missing_image_is_waited_for_and_never_acknowledged(start: Start, device: Any) -> None:
    process = start("--max-samples", "1")
    device.saw_presence(1)
    half, whole = made_parcel(1), made_parcel(2)
    device.publish(device.messages(half)[1])
    device.deliver(whole)
    assert device.acknowledged(1) == [whole.parcel_id]
    document = result(process)
    assert process.returncode == 0
    assert document["waiting_manifests"] == 1


def test_statuses_are_validated_and_stored(start: Start, tmp_path: Path, device: Any) -> None:
    process = start()
    device.saw_presence(1)
    device.publish(device_status(TOPICS, "ready", 1, 10**18))
    device.publish(Message(TOPICS.status, b'{"state": "happy"}', retain=True))
    device.publish(Message(TOPICS.status, b"", retain=True))
    device.deliver(made_parcel(1))
    device.acknowledged(1)
    process.send_signal(signal.SIGTERM)
    document = result(process)
    assert process.returncode == 1
    assert document["messages"]["status"] == {
        "messages": 3,
        "bytes": document["messages"]["status"]["bytes"],
        "valid": 2,
        "invalid": 1,
        "duplicates": 0,
    }
    rows = lines(tmp_path / "out" / "events.jsonl")
    assert [row["data"] and row["data"]["state"] for row in rows] == ["ready", None]


KILLED_BEFORE_ACK = """
import os, signal, sys
from gleancam_upstream.__main__ import main
from gleancam_upstream.consume import Consumer
Consumer.ack = lambda self, *parcels: parcels and os.kill(os.getpid(), signal.SIGKILL)
main(sys.argv[1:])
"""


def test_killed_between_write_and_acknowledgement_gives_no_duplicate(
    start: Start, tmp_path: Path, device: Any, broker_port: int
) -> None:
    out = str(tmp_path / "out")
    arguments = ["consume", "--site", "depot", "--out", out, "--port", str(broker_port)]
    victim = subprocess.Popen([sys.executable, "-c", KILLED_BEFORE_ACK, *arguments])
    assert online(device.saw_presence(1)[0])
    parcel = made_parcel(1)
    device.deliver(parcel)
    assert victim.wait(30) == -signal.SIGKILL
    assert not online(device.saw_presence(2)[1]), "the will tells that nobody is there"
    assert device.acks == []

    start("--max-samples", "1")
    device.saw_presence(3)
    device.deliver(parcel, attempt=2)
    assert device.acknowledged(1) == [parcel.parcel_id]
    device.deliver(made_parcel(2))
    device.acknowledged(2)
    rows = lines(tmp_path / "out" / "index.jsonl")
    assert [row["sample_id"] for row in rows].count(parcel.parcel_id) == 1
    assert len(rows) == 2


def test_a_broker_that_refuses_ends_it_with_what_to_check(tmp_path: Path) -> None:
    missing = tmp_path / "missing"
    ended = subprocess.run(
        [
            *(sys.executable, "-m", "gleancam_upstream", "consume", "--site", "depot"),
            *("--out", str(tmp_path / "out"), "--password-file", str(missing)),
        ],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ,
    )
    assert ended.returncode == 2
    assert str(missing) in ended.stderr


def test_a_folder_is_written_by_one_process(start: Start, device: Any) -> None:
    start()
    device.saw_presence(1)
    second = start("--consumer", "other")
    _, stderr = second.communicate(timeout=30)
    assert second.returncode == 2
    assert "in use" in stderr
