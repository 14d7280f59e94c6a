"""What is wrong with this machine, and the cure: one module for each thing looked at."""
