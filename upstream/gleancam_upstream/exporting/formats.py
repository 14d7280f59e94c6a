"""All formats, by the names they have on the command line."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from gleancam_upstream.errors import ExportError
from gleancam_upstream.exporting.coco import Coco
from gleancam_upstream.exporting.cvat import Cvat
from gleancam_upstream.exporting.fiftyone import FiftyOne
from gleancam_upstream.exporting.format import Format
from gleancam_upstream.exporting.label_studio import LabelStudio
from gleancam_upstream.exporting.voc import PascalVoc
from gleancam_upstream.exporting.yolo import Yolo

FORMATS: Mapping[str, Callable[[], Format]] = {
    "coco": Coco,
    "yolo": Yolo,
    "voc": PascalVoc,
    "cvat": Cvat,
    "label-studio": LabelStudio,
    "fiftyone": FiftyOne,
}


def chosen_format(name: str, *, zero_based: bool = False) -> Format:
    """Return a format of `FORMATS`.

    Raises:
        ExportError: `zero_based` was asked of one that has no such numbers.
    """
    if not zero_based:
        return FORMATS[name]()
    if name != "voc":
        raise ExportError(
            f"--zero-based says nothing about {name}", cure="leave it away, or take --format voc"
        )
    return PascalVoc(zero_based=True)
