"""The demo: simulated cameras, a broker, the daemon and a consumer on one machine."""
