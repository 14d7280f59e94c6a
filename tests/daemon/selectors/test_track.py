from __future__ import annotations

from dataclasses import replace

import pytest

from gleancam.config.keys import FileCamera
from gleancam.config.selection_keys import Quotas, Selection
from gleancam.selectors.budget_ration import Ration
from gleancam.selectors.judge import Judge
from gleancam.selectors.past import Past
from gleancam.selectors.quota import CameraQuotas
from gleancam.selectors.track import Track
from gleancam_engines.errors import SpaceError
from made_frames import embedded, ids, unit


def test_an_embedding_of_another_space_is_refused_before_anything_is_learnt() -> None:
    past = Past(Selection().novelty)
    camera = FileCamera(id="gate", path="x")
    judge = Judge(
        "policy",
        (past,),
        Ration(camera.id, Selection(), ()),
        CameraQuotas(Quotas()),
        Selection(),
    )
    track = Track(Selection(), camera, ids(), "space", judge)
    embedding = embedded(unit(1, 0))

    with pytest.raises(SpaceError, match="of space other cannot be compared"):
        track.observe(replace(embedding, space_id="other"), ())

    seen, changes = track.observe(embedding, ())
    assert not seen.still, "it is the first that was looked at"
    assert changes == ()
