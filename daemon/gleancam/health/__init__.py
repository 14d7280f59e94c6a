"""What the camera itself looks like: pure functions and states, fed with sampled frames."""
