"""The spool's folder is read-only when the daemon starts: it ends and says so, and nothing is lost.

It ends with 1, on which systemd tries again. Simulated by permissions, which root does not feel: so
as root the daemon runs without the capabilities to pass over them. A disk that stops taking
writes while the daemon runs is `full_disk`'s "broken".
"""

from __future__ import annotations

import os
import random
import stat

from chaos.place import DAEMON, Place

WITHOUT = "-dac_override,-dac_read_search,-fowner"
UNPRIVILEGED = ("setpriv", f"--bounding-set={WITHOUT}", f"--inh-caps={WITHOUT}")


def run(place: Place, rng: random.Random, strength: int) -> None:
    if os.geteuid() == 0:
        place.command = (*UNPRIVILEGED, *DAEMON)
    place.broker.start()
    place.start_consumer()
    for _ in range(strength):
        place.start_daemon()
        place.wait_for_more()
        if rng.random() < 0.5:
            place.kill_daemon()
        else:
            place.stop_daemon()
        _refused(place)
    place.start_daemon()
    place.wait_for_more()


def _refused(place: Place) -> None:
    files = [place.folder, *place.folder.glob("spool.db*")]
    modes = {file: stat.S_IMODE(file.stat().st_mode) for file in files}
    for file in files:
        file.chmod(modes[file] & ~0o222)
    try:
        place.start_daemon()
        code = place.daemon.wait()
    finally:
        for file in files:
            file.chmod(modes[file])
    if code != 1:
        place.violations.append(f"in a read-only folder the daemon ended with {code}, not 1")
    place.judge()
