"""What the daemon is made of: each module names the concrete classes of one part."""
