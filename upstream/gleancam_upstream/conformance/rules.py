"""What is checked: a rule has a name that stays, and a sentence."""

from __future__ import annotations

CONSUMER = {
    "C-01": "Says on its presence topic that it is online, once it has subscribed.",
    "C-02": "Its presence is retained.",
    "C-03": "When it dies, its will says, retained, that it is offline.",
    "C-04": "Acknowledges by its id a sample whose image came before its manifest.",
    "C-05": "Acknowledges a sample whose manifest came before its image.",
    "C-06": "Acknowledges nothing before image and manifest are both there.",
    "C-07": "Acknowledges again what comes again.",
    "C-08": "Never acknowledges a sample whose image has another sha256: rejects it or is silent.",
    "C-09": "Passes over fields that it does not know.",
    "C-10": "Survives messages that are none, and takes the next sample.",
    "C-11": "Acknowledges an event by its id, one of an unknown kind too.",
    "C-12": "Acknowledges a manifest whose picture is held, without waiting for the picture.",
    "C-13": "Never acknowledges a held picture by its sample's id.",
    "C-14": "Takes a manifest in its envelope (as over MQTT 3.1.1) and out of it (as over 5).",
    "C-15": "Its acknowledgements are of the schema `ack`, and never retained.",
    "C-16": "Acknowledges and rejects nothing that was not sent.",
}
"""Rules of a consumer, in the order in which they are reported."""

DEVICE = {
    "D-01": "Its status is retained.",
    "D-02": "Its status has a session number, and its cameras' statuses have the same.",
    "D-03": "Its info is retained.",
    "D-04": "Each camera that info calls enabled has a retained status.",
    "D-05": "Every message is of its schema, and agrees with its topic.",
    "D-06": "An image is published before its manifest.",
    "D-07": "An image has the sha256, the length and the size that its manifest tells.",
    "D-08": "Manifests and events have the attributes of CloudEvents 1.0.",
    "D-09": "Sends nothing while no consumer is online.",
    "D-10": "What was not answered comes again.",
    "D-11": "What comes again is, byte for byte, the same data and the same image.",
    "D-12": "What was acknowledged is not sent again.",
    "D-13": "What was rejected is not sent again.",
    "D-14": "Acknowledgements that are doubled, of unknown ids, or none at all do no harm.",
    "D-15": "Answers a command by its id, over MQTT 5 with its Correlation Data.",
    "D-16": "After `rebirth`, info and all statuses come again.",
    "D-17": "Answers what is no command with `malformed`.",
    "D-18": "Images, manifests, events and answers are not retained.",
    "D-19": "When it dies, its will says, retained and with its last session number, `lost`.",
}
"""Rules of a device, in the order in which they are reported."""
