"""The check that fits a model."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gleancam_engines.manifest import Manifest
from gleancam_engines.pictures import Pictures
from gleancam_engines.planes import Planes
from gleancam_engines.verifying.box_check import BoxCheck
from gleancam_engines.verifying.check import Check
from gleancam_engines.verifying.embedding_check import EmbeddingCheck


def make_check(
    reference: Pictures,
    manifest: Manifest,
    frames: Sequence[Planes],
    shown: Callable[[], None] = lambda: None,
) -> Check:
    """Show the reference the pictures; `shown` is called after every call of a model.

    Raises:
        TensorError: the reference gave NaN or what it must not.
    """
    kind = EmbeddingCheck if manifest.task == "embed" else BoxCheck
    return kind(reference, manifest, frames, shown)
