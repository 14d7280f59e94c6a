"""Valid messages of every kind, to be spoiled."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec

from gleancam.config.file import load
from gleancam.wire.ack import Rejection, ack_message
from gleancam.wire.info import CameraInfo, Info, LimitsInfo, ModelInfo, info
from gleancam.wire.message import Message
from gleancam.wire.parcel import messages
from gleancam.wire.presence import presence_message
from gleancam.wire.status import CameraReport, camera_status, device_status
from gleancam.wire.times import rfc3339
from made_samples import TOPICS, made_event, made_parcel

NOW_NS = 1_780_000_000 * 10**9
PARCEL = made_parcel(1)
EVENT = made_event()
IMAGE, MANIFEST = messages(PARCEL, TOPICS, attempt=1, spooled_s=0, mqtt5=True)
(EVENT_MESSAGE,) = messages(EVENT, TOPICS, attempt=1, spooled_s=0, mqtt5=True)
_INFO = Info(
    versions={"gleancam": "0.1.0"},
    board="x86",
    cameras=(CameraInfo(id="front", source="rtsp", fps=1.0, enabled=True),),
    models=(ModelInfo(name="m", role="embedder", sha256="0" * 64, backend="onnxruntime"),),
    space_id="space-1",
    schemas={"sample": "urn:gleancam:v1:sample"},
    limits=LimitsInfo(inline_max_bytes=1, spool_max_bytes=1),
    ts=rfc3339(NOW_NS),
)


def document(message: Message) -> Any:
    return json.loads(message.payload)


ACK = document(ack_message(TOPICS, ("a", "b"), (Rejection("c", "no"),)))
PRESENCE_MESSAGE = presence_message("gleancam", "depot", "trainer", online=True, ts_ns=NOW_NS)
PRESENCE = document(PRESENCE_MESSAGE)
STATUS = document(device_status(TOPICS, "ready", 3, NOW_NS))
INFO = document(info(TOPICS, _INFO))
CAMERA_STATUS = document(
    camera_status(
        TOPICS,
        "front",
        CameraReport("offline", NOW_NS, None, ("frozen",), ("refused", "no")),
        session=1,
        ts_ns=NOW_NS,
    )
)
SAMPLE = json.loads(PARCEL.data)
EVENT_DATA = json.loads(EVENT.data)
STRUCTURED = [
    json.loads(messages(one, TOPICS, attempt=1, spooled_s=0, mqtt5=False)[-1].payload)
    for one in (PARCEL, EVENT)
]
EXAMPLE = Path(__file__).parents[2] / "configs" / "example.toml"
CONFIGURATION_TEXT = EXAMPLE.read_text(encoding="utf-8")
CONFIGURATION = {
    key: value
    for key, value in json.loads(msgspec.json.encode(load(EXAMPLE))).items()
    if value is not None
}
DESIRED = [
    {"version": 7, "configuration": CONFIGURATION},
    {
        "version": 8,
        "configuration": {
            "cameras": [
                {"id": "gate", "fps": 2.0, "budget": "10 MB/day"},
                {"id": "lane", "mask": [{"name": "m", "polygon": [[0, 0], [1, 0], [1, 1]]}]},
            ],
            "selection": {
                "novelty": {"threshold": 0.3},
                "near": [{"tag": "forklift", "threshold": 0.5}],
                "zero_shot": {"tau": 0.6},
            },
            "labels": {"ontology": {"person": {"confidence": 0.5}}},
            "models": {"detectors": ["yolox-nano"], "confidence": 0.4},
            "spool": {"max_bytes": 1_000_000_000},
        },
    },
]
DEVICE_TOPICS = [
    *(TOPICS.status, TOPICS.info, TOPICS.ack, TOPICS.camera_status("front")),
    *(IMAGE.topic, MANIFEST.topic, EVENT_MESSAGE.topic, PRESENCE_MESSAGE.topic),
]
