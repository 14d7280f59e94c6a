from __future__ import annotations

from dataclasses import replace

import pytest

from gleancam.config.keys import FileCamera, Selection
from gleancam.selectors.budget_ration import Ration
from gleancam.selectors.past import Past
from gleancam.selectors.track import Track
from gleancam_engines.errors import SpaceError
from made_frames import embedded, ids, unit


def test_an_embedding_of_another_space_is_refused_before_anything_is_learnt() -> None:
    past = Past(Selection().novelty)
    camera = FileCamera(id="gate", path="x")
    ration = Ration(camera.id, Selection(), ())
    track = Track(Selection(), camera, ids(), "policy", "space", (past,), ration)
    first, second = embedded(unit(1, 0)), embedded(unit(0, 1), 1.0)
    track.confirm(first)
    track.learn(first, 2.0, "kept")
    before = track.decide(second)

    with pytest.raises(SpaceError, match="of space other cannot be compared"):
        track.confirm(replace(second, space_id="other"))

    assert track.decide(second) == before
