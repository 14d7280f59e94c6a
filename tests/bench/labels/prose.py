"""What is said around the tables of the page."""

from __future__ import annotations

HEAD = """\
# Labelling: three detectors alone and together

Written by `make bench-labels`; photographs and two of the models are evaluation data that this
repository does not carry. {photographs} photographs of COCO val2017 with {objects} objects. What is
in brackets is the 95 % interval of {resamples} resamples of the photographs, paired: every entrant
is evaluated on the same ones. Nothing was tuned to these photographs; weights are the APs that the
detectors' makers publish. A label is right if it meets an object of its class at IoU 0.5 that no
better label has met; what lies on a crowd does not count.

![AP with intervals](labels_ap.png)"""

JUDGED = """\
## In short

Three settings. *all*: every raw box votes, and every label counts. *sure labels*, the device's
default for wbf: every raw box votes, and a label needs one box of a score of 0.3: what one member
is sure of, another may see faintly. *sure boxes*, its default where votes are counted: only boxes
from 0.3 on vote.
*all* flatters AUROC and calibration: most of its labels have scores near 0 and are as wrong as
they say.
The expected calibration error is of a curve fitted on the other half of the photographs."""

EVALUATOR = """\
On pycocotools' own example (fakebbox100) the evaluator gives AP {0:.3f}, AP50 {1:.3f}, AP75 {2:.3f}
and AR {3:.3f}; published are .505, .697, .573 and .595."""

ALONE = """\
## The detectors

Weights and times: from planes in memory to boxes, two threads, one photograph after the other by
all three in turn, median of 25, beside whatever else the machine was doing. Raw boxes are those of
a score of 0.05 and more, which travel with a sample."""

AVERAGES = """\
## Average precision

COCO's, in hundredths. The gain is AP above that of {best}, the best single detector on these
photographs; its mean, interval and the share of resamples without any gain are the bootstrap's.
Weights are by published AP where nothing else is said. "onepanel" is the published ensembling code
with its defects, for migration. Consensus of three is a quorum of two. *all*:"""

SURE = """\
*sure boxes* (the best single detector is {best}):"""

BACKING = """\
*sure labels*:"""

EQUAL = """\
## At equal recall

All labels that each way makes of *sure boxes*, classes together, IoU 0.5; beside them the precision
of {best} and of the default over all raw boxes, cut at the score where their recall is the same."""

DOUBTS = """\
## Which labels are wrong

The default committee. Area under the ROC curve of each uncertainty for "this label is wrong": 0.5
is chance. Informativeness is not made to find them: it is greatest at a coin's toss.

![ROC curves of the uncertainties](labels_doubts.png)"""

CALIBRATION = """\
## Calibration

Expected calibration error (15 bins) of 1 - `risk`, fitted on half of the photographs and judged on
the other, both ways, {repeats} random halvings: mean, least and greatest. "Pooled" takes both
halves together; a half by itself has fewer labels in a bin, and more chance in its error. All but
"one temperature" are what `gleancam-upstream labels calibrate` fits, with curves of their own for
classes that have enough labels; by itself it takes the likelier of both methods.

![reliability before and after](labels_reliability.png)"""

PRECISION = """\
## Right at what score

![precision by fused score](labels_precision.png)"""
