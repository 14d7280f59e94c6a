"""Hostile input for everything that reads what came over the network. `make fuzz` runs it."""
