"""How a model file gets here: one file per kind of source, and the one place that checks it."""
