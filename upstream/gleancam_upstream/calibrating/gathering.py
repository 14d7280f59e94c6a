"""From a folder of samples and a review of them: one committee's labels, right or wrong."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gleancam.wire.ensemble import committee_of
from gleancam.wire.sample_data import SampleData
from gleancam_engines.committee_identity import CommitteeIdentity, identity
from gleancam_upstream.calibrating.judged import Judged, together
from gleancam_upstream.calibrating.matching import match
from gleancam_upstream.calibrating.truth import Review, Truth, read_review
from gleancam_upstream.errors import ReviewError
from gleancam_upstream.kept import index, load


@dataclass(frozen=True, slots=True)
class Gathered:
    """What there is to learn from.

    Attributes:
        committee: whose labels these are.
        images: how many of its samples were reviewed.
        left_out: how much was not used, by reason.
    """

    committee: CommitteeIdentity
    judged: Judged
    images: int
    left_out: dict[str, int]


def gather(dataset: Path, reviewed: Path, digest: str = "") -> Gathered:
    """Return the labels of one committee, held against what reviewers found.

    Args:
        dataset: a folder written by `consume`.
        reviewed: COCO.
        digest: of the committee; may be left out where there is one only.

    Raises:
        DatasetError: the folder or a sample of it cannot be read.
        ReviewError: the review cannot be read, is of other samples or of several committees.
    """
    rows = index(dataset)
    review = read_review(reviewed, {row.sample_id for row in rows})
    left_out = Counter({"pictures of no sample here": review.strangers})
    left_out["samples nobody reviewed"] = len(rows) - len(review.truths)
    samples = [load(dataset, row).data for row in rows if row.sample_id in review.truths]
    if not samples:
        raise ReviewError(
            f"{reviewed} has no picture of a sample in {dataset}",
            cure="let its file names end with <sample_id>.jpg, as 'labels export' writes them",
        )
    by_committee = _by_committee(samples, left_out)
    committee = _chosen(by_committee, digest)
    mine = by_committee.pop(committee)
    left_out["samples of other committees"] = sum(map(len, by_committee.values()))
    judged = _judge(mine, review, left_out)
    kept = {why: count for why, count in left_out.items() if count}
    return Gathered(committee, judged, len(mine), kept)


def _by_committee(
    samples: list[SampleData], left_out: Counter[str]
) -> dict[CommitteeIdentity, list[SampleData]]:
    found: defaultdict[CommitteeIdentity, list[SampleData]] = defaultdict(list)
    for sample in samples:
        if sample.ensemble.rules is None:
            left_out["samples of old devices, that name no committee"] += 1
        else:
            found[identity(committee_of(sample.ensemble))].append(sample)
    return dict(found)


def _chosen(found: dict[CommitteeIdentity, list[SampleData]], digest: str) -> CommitteeIdentity:
    known = {one.digest: one for one in found}
    if digest in known:
        return known[digest]
    if len(known) == 1 and not digest:
        return next(iter(found))
    listed = ", ".join(f"{one.digest} ({len(samples)} samples)" for one, samples in found.items())
    if digest or not known:
        raise ReviewError(
            f"no reviewed sample is of committee {digest or 'any'}: there are {listed or 'none'}",
            cure="update the devices" if not known else "choose --committee among these",
        )
    raise ReviewError(
        f"the reviewed samples are of several committees: {listed}",
        cure="choose one with --committee",
    )


def _judge(samples: list[SampleData], review: Review, left_out: Counter[str]) -> Judged:
    scenes: dict[tuple[str, str, str], int] = {}
    parts = []
    for number, sample in enumerate(samples):
        scene = (sample.device, sample.camera, sample.scene.id)
        place = (number, scenes.setdefault(scene, len(scenes)))
        parts.append(_judge_one(sample, review.truths[sample.sample_id], place))
    judged = together(parts)
    asked = np.isin(judged.class_name, sorted(review.classes))
    left_out["labels of classes nobody reviewed"] = int((~asked).sum())
    left_out["labels on crowds"] = sum(len(one.labels) for one in samples) - len(judged)
    return judged.where(asked)


def _judge_one(sample: SampleData, truth: Truth, place: tuple[int, int]) -> Judged:
    names = [one.class_name for one in sample.labels]
    score = np.array([one.score for one in sample.labels], np.float64)
    xyxy = np.array([one.box for one in sample.labels], np.float64).reshape(-1, 4)
    matched = match(names, xyxy, score, truth)
    image, scene = (np.full(len(score), one, np.intp) for one in place)
    all_of_it = Judged(np.array(names, np.str_), score, matched.right, image, scene)
    return all_of_it.where(~matched.ignored)
