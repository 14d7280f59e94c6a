from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gleancam_engines.calibrations import Method
from gleancam_engines.voting.calibration import UNCALIBRATED, Calibration, Curve
from gleancam_upstream.calibrating.fitting import cross_validated, fit
from gleancam_upstream.calibrating.folds import folds
from gleancam_upstream.calibrating.judged import Judged, together
from gleancam_upstream.calibrating.measures import measures
from made_judgements import judged, made_judgements

METHODS: tuple[Method, ...] = ("temperature", "isotonic")


@pytest.mark.parametrize("method", METHODS)
def test_a_class_with_enough_labels_has_its_own_curve(method: Method) -> None:
    people = made_judgements(500, Curve(3.0), seed=1)
    cars = made_judgements(49, Curve(0.4), seed=2, class_name="car")
    dogs = made_judgements(50, Curve(0.4), seed=3, class_name="dog")

    found = fit(together([people, cars, dogs]), method, least=50)

    assert found.by_class.keys() == {"person", "dog"}
    assert found.by_class["person"] == fit(people, method).common
    assert found.common != found.by_class["person"]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("right", [True, False])
def test_labels_of_one_kind_teach_nothing(method: Method, right: bool) -> None:  # noqa: FBT001 - a parameter
    scores = np.linspace(0.1, 1, 60)

    assert fit(judged(scores, np.full(60, right)), method) == UNCALIBRATED


def test_a_class_of_one_kind_takes_the_common_curve() -> None:
    mixed = made_judgements(200, Curve(2.0))
    sure = made_judgements(200, Curve(knots=((0.0, 1.0),)), class_name="car")

    assert fit(together([mixed, sure]), "temperature").by_class.keys() == {"person"}


@pytest.mark.parametrize("method", METHODS)
def test_nothing_teaches_nothing(method: Method) -> None:
    assert fit(together([]), method) == Calibration()
    assert cross_validated(together([]), method).shape == (0,)


@pytest.mark.parametrize("method", METHODS)
def test_cross_validation_sees_what_calibration_is_worth(method: Method) -> None:
    made = made_judgements(4000, Curve(2.5))

    before = measures(made.score, made.right)
    after = measures(cross_validated(made, method), made.right)

    assert after.ece < before.ece / 3
    assert after.nll < before.nll


def test_cross_validation_does_not_look_at_the_labels_it_tests() -> None:
    """What is right in one part must not move that part's probabilities, but the others'."""
    rng = np.random.default_rng(5)
    made = judged(rng.uniform(0, 1, 100), rng.uniform(size=100) < 0.5)
    flipped = Judged(
        made.class_name, made.score, made.right ^ (folds(made) == 2), made.image, made.scene
    )

    tested = folds(made) == 2
    one, other = cross_validated(made, "isotonic"), cross_validated(flipped, "isotonic")

    assert one[tested].tolist() == other[tested].tolist()
    assert one[~tested].tolist() != other[~tested].tolist()


@given(st.integers(5, 12), st.integers(1, 4))
def test_a_scene_is_in_one_part(scenes: int, images_each: int) -> None:
    scene = np.repeat(np.arange(scenes), images_each)
    made = Judged(
        np.full(len(scene), "person"),
        np.full(len(scene), 0.5),
        np.ones(len(scene), np.bool_),
        np.arange(len(scene)),
        scene,
    )

    part = folds(made)

    assert set(part.tolist()) == set(range(5))
    assert all(len(set(part[scene == one].tolist())) == 1 for one in range(scenes))


@given(st.integers(1, 40), st.integers(1, 3))
def test_few_scenes_are_cut_by_time_and_no_image_is(images: int, labels_each: int) -> None:
    image = np.repeat(np.arange(images), labels_each)
    made = Judged(
        np.full(len(image), "person"),
        np.full(len(image), 0.5),
        np.ones(len(image), np.bool_),
        image,
        np.zeros(len(image), np.intp),
    )

    part = folds(made)

    assert (np.diff(part) >= 0).all(), "each part is one run of time"
    assert set(part.tolist()) == set(range(min(5, images)))
    assert all(len(set(part[image == one].tolist())) == 1 for one in range(images))


@pytest.mark.parametrize("score", [math.nan, -0.1, 1.1, math.inf])
def test_scores_that_are_none_are_refused(score: float) -> None:
    with pytest.raises(ValueError, match="scores of judged labels must lie in 0…1"):
        judged(np.array([0.5, score]), np.array([True, False]))


def test_columns_of_different_length_are_refused() -> None:
    with pytest.raises(ValueError, match="one length"):
        judged(np.array([0.5, 0.6]), np.array([True]))
