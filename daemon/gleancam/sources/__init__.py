"""Where frames come from. Sources run and raise; the supervisor restarts them."""
