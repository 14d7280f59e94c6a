"""How far a model agrees with its reference, on the same pictures."""
