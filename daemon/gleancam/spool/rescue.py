"""What happens to a damaged spool when it is opened: set aside, and a new one made of what is left.

    1. spool.db.salvage   is made of the damaged pages, in full and on the disk
    2. spool.db           is renamed to spool.db.damaged-<time>, its log likewise
    3. spool.db.salvage   becomes spool.db

A crash in 1 begins anew; one after 2 is finished by 3, for without spool.db a salvage is complete.
One damaged file is kept, the latest, for whoever wants to look, unless it would eat into the disk's
reserve and nothing more can be got out of it.
"""

from __future__ import annotations

import logging
import os
import time
from dataclasses import dataclass
from pathlib import Path

from gleancam.durable import sync_directory
from gleancam.spool.damage import damage, marker
from gleancam.spool.disk import free_bytes, plain_errors
from gleancam.spool.salvage import Salvage, salvage

ROOM_BYTES = 64 * 1024 * 1024
"""Copying stops when the disk has no more than this. It may use the reserve for the while."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Rescue:
    """What was done about a damaged spool.

    Attributes:
        why: how the damage showed.
        kept: where the damaged file is; None when it was deleted for want of space.
    """

    why: str
    kept: Path | None
    salvage: Salvage


def rescue(path: Path, reserve_bytes: int) -> Rescue | None:
    """Set the spool at `path` aside and save what can be saved, if it is damaged.

    The caller holds its lock and has not opened it.

    Raises:
        SpoolError: it cannot be read, or a new one cannot be written.
        SpoolFullError: the disk is full.
    """
    new = _beside(path, ".salvage")
    if new.exists() and not path.exists():
        _replace(path, new)
    why = damage(path)
    if not why:
        return None
    log.error("spool %s is damaged (%s): saving what can be read", path, why)
    _delete(new)
    for old in path.parent.glob(f"{path.name}.damaged-*"):
        _delete(old)
    with plain_errors(path):
        saved = salvage(path, _log_of(path), new, lambda: _has_room(path, 0))
    _take_over_owner(path, new)
    aside = _replace(path, new)
    kept = _kept(aside, path, reserve_bytes, saved)
    _report(path, kept, saved)
    return Rescue(why, kept, saved)


def _replace(path: Path, new: Path) -> Path:
    """Put the new file in the old one's place; return where the old one is now."""
    with new.open("rb") as file:
        os.fsync(file.fileno())
    aside = _beside(path, time.strftime(".damaged-%Y%m%dT%H%M%SZ", time.gmtime()))
    if path.exists():
        path.rename(aside)
        sync_directory(path.parent)
    # A log left beside the new file would be replayed onto it.
    if _log_of(path).exists():
        _log_of(path).rename(_log_of(aside))
    _beside(path, "-shm").unlink(missing_ok=True)
    sync_directory(path.parent)
    new.rename(path)
    marker(path).unlink(missing_ok=True)
    sync_directory(path.parent)
    return aside


def _kept(aside: Path, path: Path, reserve_bytes: int, saved: Salvage) -> Path | None:
    if saved.complete and not _has_room(path, reserve_bytes):
        _delete(aside)
        return None
    return aside


def _report(path: Path, kept: Path | None, saved: Salvage) -> None:
    where = f"the damaged file is {kept}" if kept else "the damaged file was deleted to make room"
    log.error(
        "spool %s: %d parcels saved, %d lost, %d rows unreadable; %s",
        path,
        saved.parcels,
        saved.lost,
        saved.unreadable,
        where,
    )
    if not saved.complete:
        log.error("the disk was too full to copy everything: more parcels are in %s", kept)


def _has_room(path: Path, reserve_bytes: int) -> bool:
    return free_bytes(path.parent) > reserve_bytes + ROOM_BYTES


def _take_over_owner(path: Path, new: Path) -> None:
    """What root mends must stay the daemon's."""
    owner = path.stat()
    new.chmod(owner.st_mode & 0o777)
    if os.geteuid() == 0:
        os.chown(new, owner.st_uid, owner.st_gid)


def _delete(database: Path) -> None:
    for file in (database, _log_of(database), _beside(database, "-shm")):
        file.unlink(missing_ok=True)


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


def _log_of(path: Path) -> Path:
    return _beside(path, "-wal")
