"""What `gleancam replay` prints of a log or of a comparison."""

from __future__ import annotations

import argparse
import json
import sys

from gleancam.whatif.agreement import Agreement
from gleancam.whatif.comparison import Comparison
from gleancam.whatif.documents import (
    agreement_document,
    comparison_document,
    recording_document,
    rerun_document,
)
from gleancam.whatif.plot import draw
from gleancam.whatif.recording import Recording
from gleancam.whatif.rerun import Rerun
from gleancam.whatif.view import show_comparison, show_rerun


def answer_rerun(
    args: argparse.Namespace,
    recording: Recording,
    rerun: Rerun,
    notices: list[str],
    *,
    then: Agreement | None = None,
    threshold: float | None = None,
) -> None:
    """Print what one policy decided."""
    _notice(notices)
    if not args.json:
        show_rerun(rerun, then, threshold)
        return
    document = {"recording": recording_document(recording)} | rerun_document(rerun)
    document["notices"] = notices
    if then is not None:
        document["agreement"] = agreement_document(then)
    if threshold is not None:
        document["novelty_threshold_found"] = threshold
    print(json.dumps(document))


def answer_comparison(args: argparse.Namespace, comparison: Comparison, notices: list[str]) -> None:
    """Print two policies side by side, and draw them if that is wanted."""
    _notice(notices)
    if args.json:
        print(json.dumps(comparison_document(comparison) | {"notices": notices}))
    else:
        show_comparison(comparison)
    if args.plot is not None:
        draw(comparison).save(args.plot, format="PNG")


def _notice(notices: list[str]) -> None:
    for each in notices:
        print(f"gleancam: {each}", file=sys.stderr)
