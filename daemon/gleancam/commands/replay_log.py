"""`gleancam replay --log`: one policy or two over what a daemon has logged."""

from __future__ import annotations

import argparse
import gc
from pathlib import Path

from gleancam.commands.replay_answer import answer_comparison, answer_rerun
from gleancam.config.file import load
from gleancam.whatif.agreement import agreement
from gleancam.whatif.at_most import at_most
from gleancam.whatif.comparison import Entrant, compare
from gleancam.whatif.policy import Policy, not_rerun, of_config, of_epoch, require_embedder
from gleancam.whatif.recording import Recording, read_log
from gleancam.whatif.rerun import Rerun, rerun

LOGGED = "logged"


def run(args: argparse.Namespace) -> int:
    """Replay one log; see `commands.replay`."""
    recording = read_log(args.log, args.camera)
    gc.freeze()  # A million values that stay: the collector need not look at them again and again.
    if args.compare is not None:
        _compare(args, recording)
    else:
        _replay(args, recording)
    return 0


def _replay(args: argparse.Namespace, recording: Recording) -> None:
    policy = _policy(str(args.config), recording) if args.config is not None else None
    notices = [*_warnings(recording), *([] if policy is None else _unshown(policy, recording))]
    if args.at_most is not None:
        threshold, found = at_most(recording, policy or of_epoch(recording.epoch), args.at_most)
        answer_rerun(args, recording, found, notices, threshold=threshold)
        return
    found = rerun(recording, policy)
    then = agreement(recording, found) if policy is None else None
    answer_rerun(args, recording, found, notices, then=then)


def _compare(args: argparse.Namespace, recording: Recording) -> None:
    first, second = (_policy(name, recording) for name in args.compare)
    notices = _warnings(recording)
    for policy in (first, second):
        notices += [f"{policy.name}: {each}" for each in _unshown(policy, recording)]
    pair = _entrant(args, recording, first), _entrant(args, recording, second)
    radius = args.radius or recording.epoch.configured().novelty.threshold
    answer_comparison(args, compare(recording.name, pair, radius), notices)


def _entrant(args: argparse.Namespace, recording: Recording, policy: Policy) -> Entrant:
    found: Rerun
    if args.at_most is None:
        return Entrant(policy.name, rerun(recording, policy))
    threshold, found = at_most(recording, policy, args.at_most)
    return Entrant(policy.name, found, threshold=threshold)


def _policy(name: str, recording: Recording) -> Policy:
    if name == LOGGED:
        return of_epoch(recording.epoch)
    config = load(Path(name))
    require_embedder(config, recording.epoch, name)
    return of_config(config, Path(name).stem)


def _unshown(policy: Policy, recording: Recording) -> list[str]:
    """What the policy has otherwise and a log cannot show."""
    return [
        f"not re-run, stays as logged: {each} (it needs pictures: --video)"
        for each in not_rerun(policy, recording.epoch)
    ]


def _warnings(recording: Recording) -> list[str]:
    """What of the past is not in the log."""
    found = []
    if (count := recording.runs[0].epoch.remembered) or recording.missing:
        found.append(
            f"what was remembered before the log begins is missing ({count} centres, "
            f"{recording.missing} segments that made room): frames like it are novel here"
        )
    if recording.damage.segments:
        damage = recording.damage
        found.append(
            f"{damage.torn_bytes} bytes at the end of {damage.segments} segments cannot be read, "
            "as after a power cut: those frames are missing"
        )
    if recording.other_spaces:
        found.append(f"{recording.other_spaces} frames of an earlier embedder are left out")
    return found
