"""FiftyOne's own importer of its format; its database is not started."""

from __future__ import annotations

from pathlib import Path

import fiftyone.utils.data as foud

from conftest import SPLITS, Box, Expected


def test_fiftyone(expected: Expected) -> None:
    found = {}
    for split in SPLITS:
        importer = foud.FiftyOneImageDetectionDatasetImporter(
            dataset_dir=str(expected.root / "fiftyone" / split)
        )
        importer.setup()
        read: dict[str, list[Box]] = {}
        for path, _metadata, detections in importer:
            name = Path(path).name
            assert Path(path).is_file()
            assert detections is not None, "an empty picture has been looked at"
            read[name] = []
            for one, score in zip(detections.detections, expected.scores[name], strict=True):
                assert one.confidence == score
                assert one["votes"] == 2
                x, y, wide, high = one.bounding_box
                width, height = expected.sizes[name]
                corners = [x * width, y * height, (x + wide) * width, (y + high) * height]
                read[name].append((one.label, corners))
        found[split] = read
    expected.compare(found, 1e-3)
