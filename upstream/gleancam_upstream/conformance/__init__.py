"""Whether a consumer or a device, of whatever make, follows the MQTT contract."""
