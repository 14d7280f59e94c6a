"""What would have been kept: policies re-run over what a log or a video recorded."""
