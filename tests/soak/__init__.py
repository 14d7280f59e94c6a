"""Hours of simulated cameras at speed: what grows? `PYTHONPATH=tests python -m soak`."""
