"""Which frames are worth sending. Pure: no threads, no clock, no I/O, no logging."""
