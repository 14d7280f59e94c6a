"""`manifest.toml`: everything a model needs to be had, loaded, fed and understood."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

import msgspec
import numpy as np

from gleancam_engines import layouts
from gleancam_engines.base import TensorSpec
from gleancam_engines.errors import ManifestError
from gleancam_engines.manifest_sources import FileName, ModelFile
from gleancam_engines.vocabularies import CLASS_IDS, VOCABULARIES

FILE_NAME = "manifest.toml"

ModelName: TypeAlias = Annotated[str, msgspec.Meta(pattern="^[a-z0-9][a-z0-9-]*$", max_length=64)]
Side: TypeAlias = Annotated[int, msgspec.Meta(gt=0, le=8192)]
Triple: TypeAlias = tuple[float, float, float]


class Preprocess(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a picture becomes the model's input: `(pixel / divisor - mean) / std`.

    Attributes:
        height: rows of the input tensor.
        width: columns of the input tensor.
        mode: `squash` to the size whatever the shape, `crop` the centre, or `letterbox`.
        resample: always antialiased.
        colour: channel order of the tensor; `mean` and `std` are in that order.
        pad: what fills the rest of a letterbox, 0…255 before normalising.
        anchor: where a letterboxed picture lies: in the top left corner or in the centre.
        layout: order of the tensor's axes.
        dtype: of the tensor; uint8 takes pixels as they are.
    """

    height: Side
    width: Side
    mode: Literal["squash", "crop", "letterbox"]
    resample: Literal["bicubic", "bilinear"] = "bicubic"
    colour: Literal["rgb", "bgr"] = "rgb"
    divisor: Annotated[float, msgspec.Meta(gt=0)] = 255.0
    mean: Triple = (0.0, 0.0, 0.0)
    std: Triple = (1.0, 1.0, 1.0)
    pad: Annotated[int, msgspec.Meta(ge=0, le=255)] = 114
    anchor: Literal["corner", "centre"] = "corner"
    layout: Literal["nchw", "nhwc"] = "nchw"
    dtype: Literal["float32", "uint8"] = "float32"

    def __post_init__(self) -> None:
        if min(self.std) <= 0:
            raise ValueError("std must be above 0")
        if self.dtype == "uint8" and (self.divisor, self.mean, self.std) != (
            1.0,
            (0,) * 3,
            (1,) * 3,
        ):
            raise ValueError("dtype uint8 needs divisor 1, mean 0 and std 1")


class Tensor(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A tensor of the model; -1 is a size known only at run time.

    Attributes:
        role: what an output is for, where its decoder reads several (`layouts.LAYOUTS`).
    """

    name: str
    dtype: Literal["float32", "float16", "uint8", "int32", "int64"]
    shape: tuple[Annotated[int, msgspec.Meta(ge=-1)], ...]
    role: Literal["", "boxes", "classes", "count", "logits", "scores"] = ""

    def spec(self) -> TensorSpec:
        """Return it in the words of an engine."""
        return TensorSpec(self.name, np.dtype(self.dtype), self.shape)


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A model, described.

    Attributes:
        decoder: which output layout the model has.
        files: the first one is what an engine loads.
        classes: names by class id, or the name of a vocabulary (`coco-80`).
        class_ids: the model's number of each of `classes`, or the name of such a list (`coco-91`);
            empty: 0, 1, 2… A number that is left out stands for nothing, such as a background.
        ap: of a detector, as published: AP at IoU .50 to .95 on COCO val2017, 0…1. It is the
            weight of its vote.
        checked: what was run to check this entry, and with what result.
    """

    name: ModelName
    task: Literal["embed", "detect"]
    summary: str
    licence: str
    homepage: str
    decoder: Literal["embedding", "yolox", "picodet", "yolov8", "end_to_end", "detr", "ssd"]
    files: Annotated[tuple[ModelFile, ...], msgspec.Meta(min_length=1)]
    inputs: Annotated[tuple[Tensor, ...], msgspec.Meta(min_length=1)]
    outputs: Annotated[tuple[Tensor, ...], msgspec.Meta(min_length=1)]
    preprocess: Preprocess
    classes: tuple[str, ...] | str = ()
    class_ids: tuple[Annotated[int, msgspec.Meta(ge=0, lt=10_000)], ...] | str = ()
    ap: Annotated[float, msgspec.Meta(gt=0, le=1)] | None = None
    checked: str = ""

    def __post_init__(self) -> None:
        if (self.task == "embed") != (self.decoder == "embedding"):
            raise ValueError(f"task {self.task!r} and decoder {self.decoder!r} do not go together")
        if isinstance(self.classes, str) and self.classes not in VOCABULARIES:
            raise ValueError(f"classes {self.classes!r} is none of {sorted(VOCABULARIES)}")
        if self.task == "detect" and not self.classes:
            raise ValueError("a detector needs classes")
        if len({file.name for file in self.files} | {FILE_NAME}) != len(self.files) + 1:
            raise ValueError(f"files must have different names, and none may be {FILE_NAME}")
        self._check_class_ids()
        self._check_layout()

    @property
    def weights(self) -> ModelFile:
        """The file an engine loads."""
        return self.files[0]

    @property
    def model_id(self) -> str:
        """`name@sha256[:12]` of the weights."""
        return f"{self.name}@{self.weights.sha256[:12]}"

    @property
    def class_names(self) -> tuple[str, ...]:
        """Names by class id; empty for an embedder."""
        return VOCABULARIES[self.classes] if isinstance(self.classes, str) else self.classes

    @property
    def class_numbers(self) -> tuple[int, ...]:
        """The model's number of each class, by class id."""
        named = CLASS_IDS[self.class_ids] if isinstance(self.class_ids, str) else self.class_ids
        return named or tuple(range(len(self.class_names)))

    @property
    def vocabulary(self) -> layouts.Vocabulary:
        """What the shapes of a detector's outputs have to do with its classes."""
        numbers = self.class_numbers
        return layouts.Vocabulary(len(numbers), max(numbers) + 1, exact=not self.class_ids)

    @property
    def batched(self) -> bool:
        """Whether it takes any number of pictures at once, and each output has a part for each."""
        return all(tensor.shape[:1] == (-1,) for tensor in (self.inputs[0], *self.outputs))

    @property
    def space_id(self) -> str:
        """16 hexadecimal digits: a hash of the weights, the preprocessing and the output read.

        Embeddings may be compared only within one space.
        """
        parts = ([file.sha256 for file in self.files], self.preprocess, self.outputs[0].name)
        return hashlib.sha256(msgspec.json.encode(parts, order="deterministic")).hexdigest()[:16]

    def _check_class_ids(self) -> None:
        if isinstance(self.class_ids, str) and self.class_ids not in CLASS_IDS:
            raise ValueError(f"class_ids {self.class_ids!r} is none of {sorted(CLASS_IDS)}")
        if not self.class_ids:
            return
        if self.decoder not in layouts.NUMBERED:
            raise ValueError(f"class_ids goes with decoders {sorted(layouts.NUMBERED)} only")
        numbers = self.class_numbers
        if len(set(numbers)) != len(numbers) or len(numbers) != len(self.class_names):
            raise ValueError("class_ids needs one number for each of classes, all different")

    def _check_layout(self) -> None:
        if self.task != "detect":
            return
        outputs = [(tensor.role, tensor.shape) for tensor in self.outputs]
        if wrong := layouts.fault(self.decoder, outputs, self.vocabulary):
            raise ValueError(wrong)
        inputs = 2 if self.decoder == "picodet" else 1
        if len(self.inputs) != inputs:
            raise ValueError(f"decoder {self.decoder!r} needs {inputs} inputs")


def load(directory: Path) -> Manifest:
    """Read and check the manifest of a model directory.

    Raises:
        ManifestError: it is missing, unreadable, or says something wrong.
    """
    path = directory / FILE_NAME
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ManifestError(
            f"no {path}: the model is not there; run 'gleancam models fetch {directory.name}'"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ManifestError(f"{path} cannot be read ({error}); check its permissions") from error
    return parse(text, path)


def parse(text: str, path: Path) -> Manifest:
    """Decode the text of a manifest; `path` is where errors say it came from.

    Raises:
        ManifestError: it is no TOML, or a value is missing, unknown or out of range.
    """
    try:
        return msgspec.toml.decode(text, type=Manifest)
    except msgspec.DecodeError as error:
        raise ManifestError(f"{path}: {error}; compare it with engines/README.md") from error


def file_path(directory: Path, name: FileName) -> Path:
    """Return where a file of the model lies; file names cannot leave the directory."""
    return directory / name
