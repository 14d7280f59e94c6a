"""The record of a text tower that lies beside an image tower: `text.json`.

A device never loads it. Where prompts become prototypes, it says which file it is, which texts it
takes, and of which embedding space its results are.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from gleancam_engines.errors import ModelFileError
from gleancam_engines.manifest import Manifest, Tensor
from gleancam_engines.manifest_sources import Bytes, FileName, FileSource, ModelFile, Sha256

FILE_NAME = "text.json"
INPUT_NAME = "tokens"
OUTPUT_NAME = "text_embedding"


class TextTower(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A text tower.

    Attributes:
        file: the ONNX file beside the record.
        space_id: of the image tower it was trained with.
        model: the open_clip architecture, which has the tokenizer.
        context_length: tokens of a text, padded.
        dim: length of an embedding.
        logit_scale: what cosines are multiplied by before a softmax or sigmoid.
        logit_bias: what is added then (SigLIP); none for the others.
    """

    file: FileName
    sha256: Sha256
    size_bytes: Bytes
    space_id: str
    model: str
    context_length: int
    dim: int
    logit_scale: float
    logit_bias: float | None = None

    def manifest(self, image: Manifest) -> Manifest:
        """Return it as a model that an engine can load, beside `image`."""
        source = FileSource(path=self.file)
        weights = ModelFile(self.file, (source,), self.sha256, self.size_bytes)
        return msgspec.structs.replace(
            image,
            files=(weights,),
            inputs=(Tensor(INPUT_NAME, "int64", (-1, self.context_length)),),
            outputs=(Tensor(OUTPUT_NAME, "float32", (-1, self.dim)),),
        )


def load_text_tower(directory: Path, image: Manifest) -> TextTower:
    """Read the record of a model directory.

    Raises:
        ModelFileError: there is none, it is damaged, or it is of another embedding space.
    """
    path = directory / FILE_NAME
    again = f"export {image.name} again, with its text tower"
    try:
        tower = msgspec.json.decode(path.read_bytes(), type=TextTower)
    except OSError as error:
        raise ModelFileError(
            f"{image.name} has no text tower here ({path}: {error.strerror}); only exports of "
            "CLIP models have one: see 'gleancam models export --help'"
        ) from error
    except msgspec.DecodeError as error:
        raise ModelFileError(f"{path} is damaged ({error}); {again}") from error
    if tower.space_id != image.space_id:
        raise ModelFileError(
            f"{path} is of embedding space {tower.space_id}, and {image.name} of {image.space_id}; "
            f"{again}"
        )
    return tower
