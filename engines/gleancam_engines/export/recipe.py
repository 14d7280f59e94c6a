"""How weights want to be used, besides the architecture: what open_clip keeps for each tag."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Literal

from gleancam_engines.errors import ExportError
from gleancam_engines.export.request import Request

_TOLD = 8
"""How many names an error lists."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """What belongs to a set of weights.

    Attributes:
        mean: of the channels, R first, in 0…1.
        std: of the channels, as `mean`.
        interpolation: `bicubic` or `bilinear`.
        resize_mode: `shortest` (and crop), `longest` (and pad) or `squash`.
        quick_gelu: whether the activation is OpenAI's approximation of GELU.
        hub: `organisation/repository/` or `organisation/repository/file` of the weights; empty for
            none.
    """

    mean: tuple[float, ...]
    std: tuple[float, ...]
    interpolation: str
    resize_mode: Literal["shortest", "longest", "squash"]
    quick_gelu: bool = False
    hub: str = ""


def choose(
    request: Request, architectures: tuple[str, ...], tags: Mapping[str, Recipe], default: Recipe
) -> Recipe:
    """Return the recipe of the weights that are asked for.

    Args:
        request: what is asked.
        architectures: all that open_clip has.
        tags: the recipe of each tag of this architecture.
        default: where an architecture has no tags at all.

    Raises:
        ExportError: there is no such architecture or tag, none is named, or weights of one's own
            could follow several recipes.
    """
    if request.model not in architectures:
        raise ExportError(_unknown(request.model, architectures))
    if request.pretrained:
        return _tagged(request, tags)
    if request.checkpoint is None:
        raise ExportError(
            f"{request.model}: say which weights with --pretrained, one of {_some(tags)}; or give "
            "a file of your own with --checkpoint"
        )
    return _only(request, tags, default)


def _tagged(request: Request, tags: Mapping[str, Recipe]) -> Recipe:
    if request.pretrained not in tags:
        cure = f"choose one of {_some(tags)}" if tags else "give a file of your own: --checkpoint"
        raise ExportError(
            f"open_clip has no weights {request.pretrained!r} for {request.model}; {cure}"
        )
    return tags[request.pretrained]


def _only(request: Request, tags: Mapping[str, Recipe], default: Recipe) -> Recipe:
    """Weights fed or activated otherwise than they were trained are silently worse: never guess."""
    recipes = {replace(recipe, hub="") for recipe in tags.values()} or {default}
    if len(recipes) > 1:
        raise ExportError(
            f"weights of {request.model} differ in preprocessing or activation; say with "
            f"--pretrained whose your checkpoint follows: {_some(tags)}"
        )
    return recipes.pop()


def _unknown(model: str, architectures: tuple[str, ...]) -> str:
    lower = {name.lower(): name for name in architectures}
    near = get_close_matches(model.lower(), lower, 3, cutoff=0.5)
    hint = f"did you mean {', '.join(lower[name] for name in near)}?" if near else "see open_clip's"
    return f"open_clip has no model {model!r}; {hint}"


def _some(tags: Mapping[str, Recipe]) -> str:
    names = list(tags)
    more = f" and {len(names) - _TOLD} more" if len(names) > _TOLD else ""
    return ", ".join(names[:_TOLD]) + more
