"""The site's own kept frames, out of its spool: what models are calibrated with and checked on."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from gleancam.spool.view import SpoolView
from gleancam_engines.photographs import LIMIT, decode_photograph
from gleancam_engines.planes import Planes


def read_site_pictures(spool: Path, limit: int = LIMIT) -> tuple[Planes, ...]:
    """Return pictures of samples that wait in a spool, oldest first; the daemon may be running.

    Of more than `limit`, that many are taken, evenly spread. What is masked on this site is masked
    in them too.

    Raises:
        SpoolError: there is no spool, or it cannot be read.
        PictureError: a picture in it is damaged.
    """
    with closing(SpoolView.open(spool)) as view:
        images = view.images(limit)
    return tuple(decode_photograph(jpeg, f"sample {name} of {spool}") for name, jpeg in images)
