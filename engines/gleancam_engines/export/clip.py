"""A CLIP model in torch, finished for inference, in words of numpy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import exp
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from gleancam_engines.errors import ExportError
from gleancam_engines.export import _open_clip, _torch
from gleancam_engines.export.recipe import Recipe
from gleancam_engines.export.request import Request

Array = npt.NDArray[Any]

LIMIT_BYTES = 2**31 - 2**24
"""A protobuf message, which an ONNX file is, ends at 2 GiB; some of it is the graph."""


@dataclass(frozen=True, slots=True)
class Tower:
    """One half of the model.

    Attributes:
        side: which half.
        example: an input of two, `(2, ...)`.
        dim: length of an embedding.
        size_bytes: of its weights in fp32.
        module: the tower in torch.
    """

    side: Literal["image", "text"]
    example: Array
    dim: int
    size_bytes: int
    module: Any

    @property
    def input_name(self) -> str:
        """What the tower's input is called in ONNX."""
        return "image" if self.side == "image" else "tokens"

    @property
    def output_name(self) -> str:
        """What the tower's output is called in ONNX; one name for both breaks runtimes."""
        return f"{self.side}_embedding"

    def run(self, batch: Array) -> npt.NDArray[np.float32]:
        """Return the embeddings of a batch, `(N, D)` float32 of norm 1."""
        return _torch.run(self.module, batch)

    def to_onnx(self) -> bytes:
        """Return the tower as an ONNX file.

        Raises:
            ExportError: the exporter cannot take it.
        """
        return _torch.to_onnx(self.module, self.example, self.input_name, self.output_name)


@dataclass(frozen=True, slots=True)
class Clip:
    """The model.

    Attributes:
        image: the tower for `(N, 3, H, W)` float32.
        text: the tower for `(N, context length)` int64.
        settings: open_clip's own of the preprocessing.
        logit_scale: what cosines are multiplied by before a softmax (CLIP) or sigmoid (SigLIP).
        logit_bias: what is added then; None where the model has none.
        module: the model itself.
    """

    image: Tower
    text: Tower
    settings: dict[str, Any]
    logit_scale: float
    logit_bias: float | None
    module: Any

    def transform(self, resize_mode: str) -> Callable[[Any], npt.NDArray[np.float32]]:
        """Return open_clip's own transform of a Pillow picture to `(3, H, W)` float32."""
        return _open_clip.reference_transform(self.module, resize_mode)


def build(request: Request, recipe: Recipe) -> Any:
    """Return the architecture with random weights, if what is wanted of it fits into ONNX files.

    Raises:
        ExportError: a tower is larger than an ONNX file may be.
        BackendUnavailableError: a library is missing.
    """
    image_bytes, text_bytes = _sizes(_open_clip.build(request.model, recipe, empty=True))
    if image_bytes > LIMIT_BYTES:
        raise ExportError(f"{_too_large(request, 'image', image_bytes)}; choose a smaller model")
    if request.text and text_bytes > LIMIT_BYTES:
        raise ExportError(f"{_too_large(request, 'text', text_bytes)}; leave it out: --image-only")
    return _open_clip.build(request.model, recipe)


def _too_large(request: Request, side: str, size: int) -> str:
    return (
        f"the {side} tower of {request.model} has {size / 2**30:.1f} GiB of weights, and one ONNX "
        "file holds less than 2 GiB"
    )


def finish(module: Any, checkpoint: Path) -> Clip:
    """Load the weights and return the model ready for inference.

    Raises:
        ModelFileError: the file does not hold the weights of this architecture.
    """
    _open_clip.load_weights(module, checkpoint)
    finished = _open_clip.finished(module)
    settings = dict(_open_clip.preprocessing(finished))
    image_bytes, text_bytes = _sizes(finished)
    return Clip(
        image=_tower("image", finished, _picture(settings), image_bytes),
        text=_tower("text", finished, _tokens(finished), text_bytes),
        settings=settings,
        logit_scale=exp(finished.logit_scale.item()),
        logit_bias=None if finished.logit_bias is None else finished.logit_bias.item(),
        module=finished,
    )


def _tower(side: Literal["image", "text"], model: Any, example: Array, size: int) -> Tower:
    module = _torch.tower(model, "encode_image" if side == "image" else "encode_text")
    dim = _torch.run(module, example[:1]).shape[1]
    return Tower(side, example, dim, size, module)


def _picture(settings: dict[str, Any]) -> Array:
    size = settings["size"]
    height, width = (size, size) if isinstance(size, int) else size
    rng = np.random.default_rng(0)
    return rng.standard_normal((2, 3, height, width)).astype(np.float32)


def _tokens(module: Any) -> Array:
    """Return numbers of tokens at random: whether two runtimes agree does not hang on the words."""
    text = getattr(module, "text", module)
    rng = np.random.default_rng(0)
    return rng.integers(1, text.vocab_size, (2, text.context_length), np.int64)


def size_bytes(module: Any) -> int:
    """Return how large the weights of a model are in fp32."""
    return sum(int(one.numel()) for one in module.parameters()) * 4


def _sizes(module: Any) -> tuple[int, int]:
    """Return the bytes of the image tower and of all the rest, which is the text tower."""
    image = size_bytes(module.visual)
    return image, size_bytes(module) - image
