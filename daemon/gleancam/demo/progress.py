"""What a person sees while the demo runs: one line for each camera, refreshed every second."""

from __future__ import annotations

from rich.table import Table

from gleancam.demo.counts import Counts

COLUMNS = (
    ("seen", "frames_pulled"),
    ("gated", "frames_gated"),
    ("embedded", "frames_embedded"),
    ("kept", "frames_kept"),
    ("scene changes", "scene_changes"),
    ("labels", "labels"),
)


def progress_table(counts: Counts, left_s: float) -> Table:
    """Draw the counts of now."""
    table = Table(title=f"{left_s:.0f} s to go", title_justify="left")
    table.add_column("camera")
    for title, _ in COLUMNS:
        table.add_column(title, justify="right")
    for camera in counts.by("frames_pulled", "camera"):
        cells = (str(counts.total(name, camera=camera)) for _, name in COLUMNS)
        table.add_row(camera, *cells)
    freed = counts.by("delivery_parcels", "outcome").get("freed", 0)
    table.caption = f"spooled {counts.total('spool_committed')}, delivered {freed}"
    return table
