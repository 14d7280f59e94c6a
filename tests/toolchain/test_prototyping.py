from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from gleancam_engines.errors import PrototypeError
from gleancam_engines.export import _open_clip
from gleancam_engines.export.prompts import Prompts
from gleancam_engines.export.prototyping import make_prototypes
from gleancam_engines.manifest import load
from made_clip import save_random_weights

PROMPTS = Prompts(
    classes={"person": ["a person", "a pedestrian"], "car": ["a car"]},
    templates=("a photo of {}.", "{} in the rain"),
)


def test_are_the_mean_of_the_texts_as_torch_embeds_them(
    exported_vit_b_32: Path, tmp_path: Path
) -> None:
    """Made independently: the same weights in open_clip itself, one text at a time."""
    model = _open_clip.build("ViT-B-32", _open_clip.recipes("ViT-B-32")["openai"])
    checkpoint = save_random_weights("ViT-B-32", "openai", tmp_path / "weights.pt")
    model.load_state_dict(torch.load(checkpoint, weights_only=True))
    model.eval()
    texts = [
        "a photo of a person.",
        "a person in the rain",
        "a photo of a pedestrian.",
        "a pedestrian in the rain",
    ]
    encode = _open_clip.tokenizer("ViT-B-32")
    with torch.no_grad():
        rows = [model.encode_text(torch.from_numpy(encode([text]))).numpy()[0] for text in texts]
    mean = np.mean([row / np.linalg.norm(row) for row in rows], axis=0)

    made = make_prototypes(exported_vit_b_32, PROMPTS)

    assert made.names == ("person", "car")
    np.testing.assert_allclose(made.vectors[0], mean / np.linalg.norm(mean), atol=1e-5)
    assert made.logit_scale == pytest.approx(model.logit_scale.exp().item())
    assert made.logit_bias is None
    assert made.space_id == load(exported_vit_b_32).space_id


def test_a_text_that_would_be_cut_off_is_refused(exported_vit_b_32: Path) -> None:
    prompts = Prompts(classes={"long": ["very " * 100 + "long"]})
    with pytest.raises(PrototypeError, match="longer than the 77 tokens"):
        make_prototypes(exported_vit_b_32, prompts)
