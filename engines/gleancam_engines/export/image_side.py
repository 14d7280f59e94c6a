"""The image tower: its file, its manifest, and how near both come to the original."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import msgspec

from gleancam_engines.base import Engine
from gleancam_engines.export.agreement import Preparation, compare_numerics, compare_preparation
from gleancam_engines.export.job import Job
from gleancam_engines.export.manifest_file import to_toml
from gleancam_engines.export.preprocessing import preprocess_of, resize_mode
from gleancam_engines.export.reference import open_reference
from gleancam_engines.export.scenes import made_scenes
from gleancam_engines.manifest import FILE_NAME, Manifest, Tensor, parse
from gleancam_engines.manifest_sources import ModelFile, OpenClipSource
from gleancam_engines.planes import Planes

IMAGE_FILE = "image.onnx"


def export_image(job: Job, photographs: Sequence[Planes]) -> tuple[Manifest, float, Preparation]:
    """Export and check the image tower.

    Returns:
        Its manifest, not written yet; the largest difference to torch; how near our preprocessing
        comes to open_clip's.

    Raises:
        ExportError: it cannot be exported, or does not agree with the original.
    """
    content = job.make(job.clip.image, IMAGE_FILE)
    manifest = _described(job, content)
    with closing(open_reference(job.scratch, manifest)) as engine:
        difference = compare_numerics(job.clip.image, engine)
        preparation = _prepare(job, engine, manifest, photographs)
    job.halve(manifest, content, "image")
    return manifest, difference, preparation


def _prepare(
    job: Job, engine: Engine, manifest: Manifest, photographs: Sequence[Planes]
) -> Preparation:
    transform = job.clip.transform(resize_mode(job.clip.settings, job.request.fit))
    pictures = photographs or made_scenes()
    return compare_preparation(
        engine, manifest.preprocess, transform, pictures, photographs=bool(photographs)
    )


def _described(job: Job, content: bytes) -> Manifest:
    """Return the manifest, without what checking it will say."""
    tower, page = job.clip.image, job.weights.page
    return checked_manifest(
        Manifest(
            name=job.request.directory_name,
            task="embed",
            summary=f"{job.request}; image tower, embedding of {tower.dim} numbers",
            licence=f"see {page}" if page else "of your own weights",
            homepage=page,
            decoder="embedding",
            files=(_file(job, content),),
            inputs=(Tensor(tower.input_name, "float32", (-1, *tower.example.shape[1:])),),
            outputs=(Tensor(tower.output_name, "float32", (-1, tower.dim)),),
            preprocess=preprocess_of(job.clip.settings, job.request.fit),
        )
    )


def _file(job: Job, content: bytes) -> ModelFile:
    source = OpenClipSource(
        model=job.request.model,
        pretrained="" if job.request.checkpoint else job.request.pretrained,
        weights_sha256=job.weights.sha256,
        squash=job.request.fit == "squash",
    )
    return ModelFile(IMAGE_FILE, (source,), hashlib.sha256(content).hexdigest(), len(content))


def checked_manifest(manifest: Manifest, **changes: str) -> Manifest:
    """Return the manifest with the changes, as reading its file will give it.

    Raises:
        ManifestError: its text would not be taken.
    """
    changed = msgspec.structs.replace(manifest, **changes)
    return parse(to_toml(changed), Path(FILE_NAME))
