"""What is said around the tables of the page."""

from __future__ import annotations

HEAD = """\
# Selection: gleancam against other ways of choosing frames

Written by `make bench-selection`; the videos are evaluation data that this repository does not
carry. One configuration for all videos: every default, embedder `tiny-vit-5m`. The evaluator is
tested on made cases (`test_score.py`, `test_selection.py`).

![kept frames over a day, and coverage versus budget](selection.png)"""

COVERAGE = """\
## At equal budget

gleancam goes first, at its own rate; every other method is given as many frames as gleancam kept.
Methods with a threshold have the one that keeps just so many (where bisection would end; of equal
scores at the threshold, the earlier frames are kept); a period is the clip's length divided by the
number. "Every N s" is the mean over 8 phases, "uniform random" over 20 draws. They choose among 5
frames a second; gleancam looks at every frame, but for `bgs_video` (5 a second). k-center is
greedy and offline: it sees the whole video first, an upper bound of diversity. MOG2 keeps the
frames with the largest share of foreground, learnt on every frame.

"Redundant": share of kept frames with another kept frame within a cosine distance of {radius}. It
is measured in the space and at the threshold gleancam itself uses, so it is low for gleancam and
k-center by construction."""

NEEDED = """\
The fewest frames at which each method, tuned to just that number, covers everything (the mean of
its draws does). Budgets up to {most} were tried; "novelty, threshold varied" is the product's
whole-frame novelty alone at 12 thresholds, each trying one number. As it ships gleancam has no
budget: its default threshold decides."""

CUTS = """\
## Scene changes

{versions}, default thresholds, minimum scene length {frames} frames
(its default, 15, would hide short shots), scaled down as its own front end does. A hard cut counts
as found within 2 frames. A cut that PySceneDetect reports inside a gradual change finds that
change, and is an extra among the hard cuts; gleancam reports gradual changes apart. Steps of the
light were made on four fixed cameras: half, 1.4 times, and a lamp from one side, each with the
light on and staying on."""

PEOPLE = """\
## Small objects: distinct people visible in the kept frames

Ground truth names every pedestrian. The oracle knows it and chooses greedily. "gleancam" is
`gleancam replay --at-most N`, regions and all; "whole-frame novelty" the same without regions, gate
and scenes, its threshold bisected too; "as it ships" has no budget and keeps what it keeps. The
first picture of a camera is always kept. "Gap closed": (found - every N s) / (oracle - every N
s), for each of the two."""

COST = """\
## CPU

The scene path alone, decoding and embedding excluded on all sides: thumbnail, proposals and
confirmation with an embedding of every frame for gleancam, downscaling and detector for
PySceneDetect. Process time over {frames} frames, shown to all in turn in blocks of 40, three
rounds, median; OpenCV on one thread."""
