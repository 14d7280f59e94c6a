"""Class lists that many models share, by name."""

from __future__ import annotations

COCO_80 = (
    *("person", "bicycle", "car", "motorcycle", "airplane", "bus", "train", "truck", "boat"),
    *("traffic light", "fire hydrant", "stop sign", "parking meter", "bench", "bird", "cat"),
    *("dog", "horse", "sheep", "cow", "elephant", "bear", "zebra", "giraffe", "backpack"),
    *("umbrella", "handbag", "tie", "suitcase", "frisbee", "skis", "snowboard", "sports ball"),
    *("kite", "baseball bat", "baseball glove", "skateboard", "surfboard", "tennis racket"),
    *("bottle", "wine glass", "cup", "fork", "knife", "spoon", "bowl", "banana", "apple"),
    *("sandwich", "orange", "broccoli", "carrot", "hot dog", "pizza", "donut", "cake", "chair"),
    *("couch", "potted plant", "bed", "dining table", "toilet", "tv", "laptop", "mouse", "remote"),
    *("keyboard", "cell phone", "microwave", "oven", "toaster", "sink", "refrigerator", "book"),
    *("clock", "vase", "scissors", "teddy bear", "hair drier", "toothbrush"),
)
"""The 80 classes of COCO 2017 in the order of their ids, without the ids' gaps."""

_COCO_GAPS = {12, 26, 29, 30, 45, 66, 68, 69, 71, 83}
_COCO_IDS = tuple(number for number in range(1, 91) if number not in _COCO_GAPS)

VOCABULARIES = {"coco-80": COCO_80}

CLASS_IDS = {"coco-90": tuple(number - 1 for number in _COCO_IDS), "coco-91": _COCO_IDS}
"""The numbers models give to the classes of `coco-80`: category ids, counted from 0 or from 1."""
