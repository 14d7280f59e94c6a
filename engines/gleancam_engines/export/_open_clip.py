"""The one door of open_clip and of timm, which comes with it."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from gleancam_engines.errors import (
    BackendUnavailableError,
    FetchError,
    ModelFileError,
)
from gleancam_engines.export._torch import INSTALL, load_torch, quiet
from gleancam_engines.export.recipe import Recipe
from gleancam_engines.export.said import said

WEIGHTS = ("open_clip_model.safetensors", "open_clip_pytorch_model.bin")
"""What files of weights are called on the hub, the better one first."""


def _library() -> Any:
    load_torch()
    try:
        with quiet():
            import open_clip
    except ImportError as error:
        raise BackendUnavailableError(f"exporting needs open_clip ({error}); {INSTALL}") from error
    return open_clip


def architectures() -> tuple[str, ...]:
    """Return the names of all models open_clip knows."""
    return tuple(_library().list_models())


def recipes(model: str) -> dict[str, Recipe]:
    """Return the recipe of each pretrained tag of a model."""
    library = _library()
    tags = library.list_pretrained_tags_by_model(model)
    return {tag: _recipe(library.get_pretrained_cfg(model, tag)) for tag in tags}


def default_recipe() -> Recipe:
    """Return what open_clip does where nothing else is said."""
    return _recipe(vars(_library().transform.PreprocessCfg()))


def build(model: str, recipe: Recipe, *, empty: bool = False) -> Any:
    """Return the model with random weights, or `empty`: with shapes alone, which take no memory.

    Raises:
        BackendUnavailableError: its text tower is one of transformers, which is not installed.
    """
    wanted = {
        "mean": recipe.mean,
        "std": recipe.std,
        "interpolation": recipe.interpolation,
        "resize_mode": recipe.resize_mode,
    }
    device = "meta" if empty else "cpu"
    try:
        with quiet(), load_torch().device(device):
            return _library().create_model(
                model,
                device=device,
                load_weights=False,
                pretrained_text=False,
                force_quick_gelu=recipe.quick_gelu,
                force_preprocess_cfg=wanted,
            )
    except RuntimeError as error:
        if "install transformers" not in str(error):
            raise
        raise BackendUnavailableError(
            f"the text tower of {model} is one of transformers; run 'pip install transformers'"
        ) from error
    except OSError as error:
        raise FetchError(
            f"{model} needs a description from the hub, which cannot be reached ({said(error)}); "
            "check the network, or copy the hub's cache here"
        ) from error


def load_weights(module: Any, checkpoint: Path) -> None:
    """Read a checkpoint into a model. Nothing in it is executed: tensors alone are unpickled.

    Raises:
        ModelFileError: it is damaged, no checkpoint, or one of another architecture.
    """
    library = _library()
    try:
        with quiet():
            library.factory.load_state_dict(str(checkpoint), weights_only=True)
    except _UNREADABLE + _safetensors_error() as error:
        raise ModelFileError(
            f"{checkpoint} cannot be read as weights ({said(error)}); give a .safetensors file, "
            "or a .pt file with a state_dict, that is whole"
        ) from error
    try:
        with quiet():
            library.load_checkpoint(module, str(checkpoint), strict=True, weights_only=True)
    except (RuntimeError, KeyError, ValueError, AttributeError) as error:
        raise ModelFileError(
            f"{checkpoint} holds the weights of another architecture ({said(error)}); name the "
            "one they were trained with"
        ) from error


_UNREADABLE: tuple[type[Exception], ...] = (
    *(EOFError, KeyError, OSError, RuntimeError, StopIteration, TypeError, ValueError),
    pickle.UnpicklingError,
)
"""What torch raises on a file that is not what it says it is."""


def _safetensors_error() -> tuple[type[Exception], ...]:
    from safetensors import SafetensorError

    return (SafetensorError,)


def finished(module: Any) -> Any:
    """Return the model as it is used for inference: MobileCLIP's branches merged into one."""
    from timm.utils.model import reparameterize_model

    module.eval()
    with quiet():
        return reparameterize_model(module).eval()


def preprocessing(module: Any) -> Mapping[str, Any]:
    """Return open_clip's own settings of a model's preprocessing."""
    settings: Mapping[str, Any] = _library().get_model_preprocess_cfg(module)
    return settings


def reference_transform(module: Any, resize_mode: str) -> Callable[[Any], npt.NDArray[np.float32]]:
    """Return open_clip's transform: a Pillow picture to `(3, H, W)` float32."""
    library = _library()
    settings = {**preprocessing(module), "resize_mode": resize_mode}
    configuration = library.transform.PreprocessCfg(**settings)
    transform = library.transform.image_transform_v2(configuration, is_train=False)
    return lambda picture: np.asarray(transform(picture).numpy(), np.float32)


def tokenizer(model: str) -> Callable[[list[str]], npt.NDArray[np.int64]]:
    """Return what turns texts to `(N, context length)` int64.

    Raises:
        BackendUnavailableError: it is one of transformers, which is not installed.
        FetchError: its vocabulary is on the hub, which cannot be reached.
    """
    try:
        with quiet():
            encode = _library().get_tokenizer(model)
    except ImportError as error:
        raise BackendUnavailableError(
            f"the tokenizer of {model} needs transformers ({error}); run 'pip install transformers'"
        ) from error
    except OSError as error:
        raise FetchError(
            f"the tokenizer of {model} is on the hub, which cannot be reached ({said(error)}); "
            "check the network, or copy the hub's cache here"
        ) from error
    return lambda texts: np.asarray(encode(texts).numpy(), np.int64)


def _recipe(settings: Mapping[str, Any]) -> Recipe:
    return Recipe(
        mean=tuple(settings["mean"]),
        std=tuple(settings["std"]),
        interpolation=settings["interpolation"],
        resize_mode=settings["resize_mode"],
        quick_gelu=bool(settings.get("quick_gelu")),
        hub=settings.get("hf_hub", ""),
    )
