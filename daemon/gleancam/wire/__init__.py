"""The MQTT contract, version 1: topics, payloads and their schemas. Pure."""
