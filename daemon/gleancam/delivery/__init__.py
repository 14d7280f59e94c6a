"""From the spool through a sink to whoever acknowledges."""
