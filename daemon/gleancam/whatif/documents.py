"""What came of it, as JSON has it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from gleancam.whatif.agreement import MEANING, Agreement
from gleancam.whatif.allowance import Allowance
from gleancam.whatif.comparison import Comparison, Side
from gleancam.whatif.recording import Recording
from gleancam.whatif.rerun import Rerun

_DIGITS = 6
"""More than float32 holds."""


def recording_document(recording: Recording) -> dict[str, Any]:
    """What was read."""
    return {
        "name": recording.name,
        "runs": len(recording.runs),
        "frames": len(recording.frames()),
        "remembered_before": recording.runs[0].epoch.remembered,
        "missing_segments": recording.missing,
        "other_spaces": recording.other_spaces,
        "damage": asdict(recording.damage),
    }


def rerun_document(rerun: Rerun) -> dict[str, Any]:
    """What one policy decided: a row for every frame."""
    return {
        "policy": rerun.policy.name,
        "kept": len(rerun.kept),
        "wire_bytes": sum(rerun.wire_bytes[index] for index in rerun.kept),
        "guessed": rerun.guessed,
        "decisions": [_decision(rerun, index) for index in range(len(rerun.frames))],
    }


def agreement_document(agreement: Agreement) -> dict[str, Any]:
    """How far a replay decides as was decided then."""
    return {
        "frames": agreement.frames,
        "share": round(agreement.share, _DIGITS),
        "differences": [
            {"why": why, "meaning": MEANING[why], "logged": logged, "now": now, "frames": count}
            for (why, logged, now), count in agreement.kinds.items()
        ],
    }


def comparison_document(comparison: Comparison) -> dict[str, Any]:
    """Two policies side by side."""
    both = comparison.both
    return {
        "name": comparison.name,
        "frames": len(comparison.times_ns),
        "radius": comparison.sides[0].coverage.radius,
        "kept_by_both": both,
        "sides": [_side(side) | {"kept_alone": len(side.kept) - both} for side in comparison.sides],
    }


def _side(side: Side) -> dict[str, Any]:
    return {
        "policy": side.name,
        "pictures": side.pictures,
        "embedded": len(side.rerun.frames),
        "kept": len(side.kept),
        "kept_by_reason": side.by_reason,
        "wire_bytes": sum(side.wire_bytes),
        "wire_bytes_guessed_of": side.rerun.guessed,
        "budgets": [_allowance(each) for each in side.allowances],
        "coverage": round(side.coverage.share, _DIGITS),
        "covering_radius": round(side.coverage.farthest, _DIGITS),
        "redundancy": round(side.redundancy, _DIGITS),
        "novelty_threshold_found": side.threshold,
    }


def _allowance(allowance: Allowance) -> dict[str, Any]:
    return {
        "account": allowance.account,
        "budget": allowance.text,
        "used": allowance.used,
        "share": round(allowance.share, _DIGITS),
    }


def _decision(rerun: Rerun, index: int) -> dict[str, Any]:
    frame, decision = rerun.frames[index], rerun.decisions[index]
    return {
        "camera": frame.observation.camera_id,
        "t_s": round(frame.observation.captured_ns / 1e9, _DIGITS),
        "keep": decision.keep,
        "reason": decision.reason.value,
        "score": round(decision.score, _DIGITS),
        "threshold": round(decision.threshold, _DIGITS),
        "logged": {"keep": frame.decision.keep, "reason": frame.decision.reason.value},
    }
