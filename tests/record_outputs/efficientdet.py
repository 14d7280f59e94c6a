"""EfficientDet-Lite2, the TensorFlow Lite file. Found by MediaPipe's object detector.

pip install ai-edge-litert mediapipe

MediaPipe is given the picture as it lies in the input, since it resizes in another way; its boxes,
whole pixels of the input, are brought to the photograph here.
"""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import mediapipe
import numpy as np
from ai_edge_litert.interpreter import Interpreter
from mediapipe.tasks.python import BaseOptions, vision

from record_outputs.photographs import Fitted, Photograph
from record_outputs.recording import Floats, Recorded, about, rows

SIDE, LEAST = 448, 0.2
ROLES = ("boxes", "classes", "scores", "count")


def record(model: Path, photographs: Sequence[Photograph]) -> tuple[dict[str, Any], list[Recorded]]:
    interpreter = Interpreter(str(model))
    interpreter.allocate_tensors()
    options = vision.ObjectDetectorOptions(
        base_options=BaseOptions(model_asset_path=str(model)), score_threshold=LEAST
    )
    names = zipfile.ZipFile(model).read("labelmap.txt").decode().splitlines()
    done = []
    with vision.ObjectDetector.create_from_options(options) as detector:
        for one in photographs:
            fitted = one.squashed(SIDE)
            seen = found(detector, fitted, names)
            done.append(Recorded(one.name, one.frame, outputs(interpreter, fitted), seen))
    by = ["mediapipe", "ai-edge-litert"]
    return about("efficientdet-lite2", model.read_bytes(), by, least=LEAST), done


def outputs(interpreter: Any, fitted: Fitted) -> dict[str, Floats]:
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], fitted.pixels[np.newaxis])
    interpreter.invoke()
    details = interpreter.get_output_details()
    return {
        role: interpreter.get_tensor(one["index"]).astype(np.float32)
        for role, one in zip(ROLES, details, strict=True)
    }


def found(detector: Any, fitted: Fitted, names: Sequence[str]) -> Floats:
    image = mediapipe.Image(image_format=mediapipe.ImageFormat.SRGB, data=fitted.pixels.copy())
    seen = detector.detect(image).detections
    boxes = [one.bounding_box for one in seen]
    corners = np.array(
        [
            [one.origin_x, one.origin_y, one.origin_x + one.width, one.origin_y + one.height]
            for one in boxes
        ],
        np.float32,
    ).reshape(-1, 4)
    best = [one.categories[0] for one in seen]
    scale = np.array(fitted.scale * 2, np.float32)
    numbers = [names.index(one.category_name) for one in best]
    return rows([one.score for one in best], numbers, corners / scale)
