"""The text tower: its file and its record, and how near it comes to the original."""

from __future__ import annotations

import hashlib
from contextlib import closing

import msgspec

from gleancam_engines.export.agreement import compare_numerics
from gleancam_engines.export.job import Job
from gleancam_engines.export.reference import open_reference
from gleancam_engines.manifest import Manifest
from gleancam_engines.text_tower import FILE_NAME, TextTower

TEXT_FILE = "text.onnx"


def export_text(job: Job, image: Manifest) -> float:
    """Export and check the text tower beside `image`, and return its largest difference to torch.

    Raises:
        ExportError: it cannot be exported, or does not agree with the original.
    """
    content = job.make(job.clip.text, TEXT_FILE)
    record = _record(job, content, image)
    manifest = record.manifest(image)
    with closing(open_reference(job.scratch, manifest)) as engine:
        difference = compare_numerics(job.clip.text, engine)
    job.halve(manifest, content, "text")
    job.write(FILE_NAME, msgspec.json.format(msgspec.json.encode(record)))
    return difference


def _record(job: Job, content: bytes, image: Manifest) -> TextTower:
    return TextTower(
        file=TEXT_FILE,
        sha256=hashlib.sha256(content).hexdigest(),
        size_bytes=len(content),
        space_id=image.space_id,
        model=job.request.model,
        context_length=job.clip.text.example.shape[1],
        dim=job.clip.text.dim,
        logit_scale=job.clip.logit_scale,
        logit_bias=job.clip.logit_bias,
    )
