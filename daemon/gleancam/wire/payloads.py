"""Every JSON payload of the contract, by the name of its schema."""

from __future__ import annotations

from gleancam.wire.ack import AckData
from gleancam.wire.command import CommandData
from gleancam.wire.command_result import CommandResultData
from gleancam.wire.event import EventData
from gleancam.wire.fields import Payload
from gleancam.wire.info import Info
from gleancam.wire.presence import PresenceData
from gleancam.wire.sample_data import SampleData
from gleancam.wire.schemas import SchemaName
from gleancam.wire.status import CameraStatusData, DeviceStatusData
from gleancam.wire.twin import DesiredData, ReportedData

PAYLOADS: dict[SchemaName, type[Payload]] = {
    "status": DeviceStatusData,
    "info": Info,
    "camera-status": CameraStatusData,
    "sample": SampleData,
    "event": EventData,
    "ack": AckData,
    "ingest-status": PresenceData,
    "command": CommandData,
    "command-result": CommandResultData,
    "desired": DesiredData,
    "reported": ReportedData,
}
"""Name of a schema to the struct that it is made from."""
