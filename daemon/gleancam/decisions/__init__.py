"""The decision log: what was decided about every embedded frame, in a ring of bounded size."""
