from __future__ import annotations

import numpy as np
import pytest

from bench.labels.labelled import Labelled
from bench.labels.reliability import diagram, halves, out_of_fold
from gleancam_engines.voting.calibration import Calibration, Curve
from gleancam_upstream.calibrating.judged import Judged


def labels(images: int, each: int = 4) -> Labelled:
    count = images * each
    score = np.linspace(0.1, 0.9, count)
    image = np.arange(count) % images
    return Labelled(image, ("cup",) * count, image % 2 == 0, score, {})


def test_half_of_the_images_lie_on_each_side() -> None:
    sides = list(halves(7, repeats=4, seed=1))
    assert len(sides) == 4
    assert all(sorted(np.bincount(side)) == [3, 4] for side in sides)
    assert any((side != sides[0]).any() for side in sides)
    assert all((one == two).all() for one, two in zip(sides, halves(7, 4, 1), strict=True))


def test_no_label_is_calibrated_by_its_own_half() -> None:
    made = labels(8)
    side = next(halves(8, 1))
    shown: list[Judged] = []

    def fit(judged: Judged) -> Calibration:
        """Give every label the number of the half that was fitted on as its probability."""
        shown.append(judged)
        (number,) = set(side[judged.image].tolist())
        return Calibration(Curve(knots=((0.0, float(number)), (1.0, float(number)))))

    found = out_of_fold(made.judged, side, fit)
    assert (found == 1 - side[made.image]).all()
    assert sum(map(len, shown)) == len(made)


def test_a_diagram_counts_every_label_once() -> None:
    probability = np.array([0.0, 0.05, 0.55, 1.0])
    bins = diagram(probability, np.array([False, True, True, True]))
    assert [one.count for one in bins] == [2, 0, 0, 0, 0, 1, 0, 0, 0, 1]
    assert (bins[0].probability, bins[0].right) == pytest.approx((0.025, 0.5))
    assert np.isnan(bins[1].right)
