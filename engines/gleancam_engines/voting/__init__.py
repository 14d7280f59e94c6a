"""From the boxes of several detectors to one answer. Pure numpy; also used where samples arrive."""
