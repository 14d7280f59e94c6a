"""A configuration that is wanted over MQTT: held against what is allowed, tried, confirmed."""
