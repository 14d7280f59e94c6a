"""Everything that can go wrong between camera and consumer, on purpose: `python -m chaos`."""
