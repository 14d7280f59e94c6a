"""Show what would be kept of a video file, or of what a daemon saw, and where scenes change.

--video FILE decodes and embeds a file and does all that the daemon does with it. --log DIR re-runs
novelty, near, budgets and the random arm over the decisions a daemon has logged; what was gated,
where scenes changed and what only pictures can tell (gate, scene, regions, uncertain) stays as it
was then, and is named on stderr where the policy differs. What was remembered before the log begins
is not in it.

--policy FILE is a configuration: models (videos only), selection and the cameras' budgets are taken
from it. Without it a log is replayed under the policies that it was written under.

--compare A B re-runs two policies over the same frames: a table of what they keep, what that costs
and how well it covers what was seen, and with --plot a picture of it. A and B are configurations;
with --log, `logged` stands for the policy that decided then. Coverage is the share of frames within
--radius of a kept one of the same camera.

--at-most N asks how it would look with room for N frames: the novelty threshold is searched at
which at most N are kept, and named. It is fixed then and there is no budget. That is how policies
are compared at equal cost on a clip that is shorter than the period of a budget.

With --json one object. Of a video: video, frames_decoded, embedded, gated, decisions (one row for
every embedded frame: frame, t_s, keep, reason, score, threshold, and tag where it is near to one),
scene_changes (frame, t_s, distance, threshold, kind: cut, gradual or discontinuity; gradual ones
with start and end; label where scenes have names; scene_id of the new scene; ended_scene: scene_id,
start, end, duration_s, representative_id) and conditions (frame, t_s, conditions: from this frame
on just these hold: dark, moved and so on). Frame numbers are 0-based in presentation order; a
change at N means that N is the first frame of the new scene. Of a log, or with --at-most:
recording, policy, kept, wire_bytes, guessed (kept frames whose bytes are a guess), decisions
(camera, t_s by UTC, keep, reason, score, threshold, logged), notices, and of a log without --policy
agreement. Of a comparison: frames, radius, kept_by_both, sides. The same input and configuration
give the same bytes.

Detectors run only for what is kept as uncertain, and only over videos: with --uncertain, or where
the configuration has it enabled. A frame they are to look at is looked at straight away, as on an
idle device.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from gleancam.commands import replay_log, replay_video
from gleancam.errors import ConfigurationError

_HIGHEST_RATE = 1000.0
_LARGEST_DISTANCE = 2.0


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--video", type=Path, metavar="FILE", help="decode and embed a file")
    what.add_argument("--log", type=Path, metavar="DIR", help="the folder of a decision log")
    parser.add_argument(
        "--config",
        "--policy",
        type=Path,
        metavar="FILE",
        help="take models, selection and cameras from here",
    )
    parser.add_argument(
        "--camera",
        metavar="ID",
        help="video: whose masks and rate to use (default: the first); log: only this camera",
    )
    rate = parser.add_mutually_exclusive_group()
    rate.add_argument(
        "--fps", type=_rate, metavar="N", help="frames a second of a video (default: camera's)"
    )
    rate.add_argument("--every-frame", action="store_true", help="look at every frame of a video")
    parser.add_argument(
        "--compare", nargs=2, metavar=("A", "B"), help="two configurations, side by side"
    )
    parser.add_argument(
        "--at-most", type=_count, metavar="N", help="search the threshold that keeps at most N"
    )
    parser.add_argument(
        "--radius",
        type=_distance,
        metavar="R",
        help="cosine distance within which a kept frame covers others (default: the "
        "novelty.threshold that was logged, or A's of a video)",
    )
    parser.add_argument(
        "--plot", type=Path, metavar="PNG", help="draw the comparison into this file"
    )
    parser.add_argument(
        "--uncertain",
        action="store_true",
        help="also keep what the detectors are unsure of, whatever the configuration says",
    )
    parser.add_argument("--json", action="store_true", help="print a JSON object")


def run(args: argparse.Namespace) -> int:
    """Replay a video or a log.

    Returns:
        0, or 1 when a video broke off before its end; the report covers what could be read.

    Raises:
        SourceError: the video cannot be read at all.
        DecisionLogError: the log cannot be read.
        ConfigurationError: a configuration cannot be used, or options do not fit together.
        EngineError: the embedder cannot be opened.
    """
    _check(args)
    return replay_video.run(args) if args.video is not None else replay_log.run(args)


def _check(args: argparse.Namespace) -> None:
    if args.log is not None and args.uncertain:
        raise ConfigurationError("--uncertain needs pictures", cure="replay a --video")
    if args.log is not None and (args.fps is not None or args.every_frame):
        raise ConfigurationError("--fps and --every-frame are for videos", cure="leave them out")
    if args.compare is not None and args.config is not None:
        raise ConfigurationError("--policy stands beside --compare", cure="name it as A or B")
    if args.compare is None and (args.plot is not None or args.radius is not None):
        raise ConfigurationError("--plot and --radius need --compare", cure="name two policies")
    if args.plot is not None and not args.plot.resolve().parent.is_dir():
        raise ConfigurationError(f"--plot {args.plot}: no such folder", cure="create it")


def _rate(text: str) -> float:
    return _between(text, _HIGHEST_RATE)


def _distance(text: str) -> float:
    return _between(text, _LARGEST_DISTANCE)


def _between(text: str, most: float) -> float:
    number = float(text)
    if not 0 < number <= most:
        raise argparse.ArgumentTypeError(f"must be above 0 and at most {most}: {text}")
    return number


def _count(text: str) -> int:
    if (number := int(text)) < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1: {text}")
    return number
