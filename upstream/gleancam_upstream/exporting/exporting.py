"""One export from beginning to end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from gleancam_upstream.exporting.export_report import REPORT_FILE, ExportReport, export_report
from gleancam_upstream.exporting.folder import whole_folder
from gleancam_upstream.exporting.format import Export, Format
from gleancam_upstream.exporting.gathering import gather
from gleancam_upstream.exporting.json_file import write_json
from gleancam_upstream.exporting.pictures import Placing, place_picture
from gleancam_upstream.exporting.wanted import Wanted
from gleancam_upstream.kept import index

Begin = Callable[[str, int], Callable[[], None]]
"""Begins a step of so many parts and gives what to call after each."""


@dataclass(frozen=True, slots=True)
class Order:
    """What the user asked for."""

    dataset: Path
    out: Path
    form: Format
    wanted: Wanted
    placing: Placing


def export_dataset(order: Order, begin: Begin) -> ExportReport:
    """Write an export and its report.

    Raises:
        DatasetError: there is no dataset.
        ExportError: it is empty, `out` is not, or the format cannot say it.
        OSError: the disk is full, or a folder cannot be written.
    """
    rows = index(order.dataset)
    with whole_folder(order.out) as folder:
        gathered = gather(order.dataset, rows, order.wanted, begin("reading", len(rows)))
        export = Export(
            name=order.out.absolute().name,
            pictures=tuple(gathered.pictures),
            classes=gathered.classes,
            splits=tuple(name for name, _ in order.wanted.splits),
            releases=gathered.releases,
        )
        order.form.write(export, folder, begin("labels", len(export.pictures)))
        placed = begin("pictures", len(export.pictures))
        for picture in export.pictures:
            target = folder / order.form.image_path(picture)
            place_picture(picture.source, target, order.placing)
            placed()
        report = export_report(export, order.form, gathered)
        write_json(folder / REPORT_FILE, report)
    return report
