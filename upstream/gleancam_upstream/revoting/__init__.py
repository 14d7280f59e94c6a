"""Voting again on what the members said: the device's rules from the manifest, or other ones."""
