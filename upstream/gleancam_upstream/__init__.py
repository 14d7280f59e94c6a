"""What runs where the samples arrive: consume, verify, store, acknowledge."""
