"""Consumers and devices, sound and broken, for the conformance suite."""
