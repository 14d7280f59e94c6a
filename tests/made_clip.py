"""Real CLIP architectures with random weights: exact numerics, no meaning."""

from __future__ import annotations

from pathlib import Path

from gleancam_engines.export import _open_clip
from gleancam_engines.export._torch import load_torch
from gleancam_engines.export.exporting import Exported, export_model
from gleancam_engines.export.request import Request


def save_random_weights(model: str, tag: str, path: Path) -> Path:
    """Write a checkpoint of the architecture, the same one every time; `tag` may be empty."""
    torch = load_torch()
    torch.manual_seed(7)
    recipe = _open_clip.recipes(model)[tag] if tag else _open_clip.default_recipe()
    torch.save(_open_clip.build(model, recipe).state_dict(), path)
    return path


def export_random(model: str, tag: str, folder: Path, *, name: str, text: bool) -> Exported:
    """Export the architecture to `folder/name`, as a person exports a checkpoint of their own."""
    checkpoint = save_random_weights(model, tag, folder / f"{name}.pt")
    try:
        request = Request(model, tag, checkpoint, name=name, text=text)
        return export_model(request, folder)
    finally:
        checkpoint.unlink()
