"""The configuration: its keys, its file, and everything that can be wrong with it."""
