"""Pulling pictures out of a running pipeline: date, copy, hand over; the source stage's loop."""

from __future__ import annotations

from typing import Any

from gleancam.sources.base import Outlet
from gleancam.sources.buffers import borrowed_planes, owned
from gleancam.sources.clocks import Clocks
from gleancam.sources.damage import Damage
from gleancam.sources.decoding import Landing
from gleancam.sources.pipeline import Pipeline
from gleancam.stage import Pulse

_POLL_NS = 100_000_000
_POLL_S = 0.1


def pull(pipeline: Pipeline, sink: Any, landing: Landing, outlet: Outlet, pulse: Pulse) -> int:
    """Hand pictures over until `pulse.stopping` or the end of the stream.

    Waits are short, so that a stop is prompt.

    Returns:
        How many pictures came.

    Raises:
        SourceError: the pipeline failed.
    """
    clocks, damage = Clocks(pipeline.element), Damage()
    pictures = 0
    while not pulse.stopping:
        sample = _next_sample(sink, pulse)
        if sample is not None:
            _hand_over(sample, clocks, outlet)
            pictures += 1
        pipeline.check()
        ended = sample is None and pipeline.ended
        _tell_damage(damage, landing, outlet, ended=ended)
        if ended:
            break
    return pictures


def _next_sample(sink: Any, pulse: Pulse) -> Any:
    with pulse.waiting("camera"):
        sample = sink.emit("try-pull-sample", _POLL_NS)
    if sample is None and sink.get_property("eos"):
        # The sink ended before the pipeline did, and pulling no longer waits.
        pulse.sleep(_POLL_S)
    return sample


def _hand_over(sample: Any, clocks: Clocks, outlet: Outlet) -> None:
    captured_ns, mono_ns = clocks.captured(sample)
    with borrowed_planes(sample) as views:
        planes = owned(views)
    outlet.picture(planes, captured_ns, mono_ns)


def _tell_damage(damage: Damage, landing: Landing, outlet: Outlet, *, ended: bool) -> None:
    counts = landing.decoder_counts()
    if counts is None:
        return
    lost = damage.end(*counts) if ended else damage.look(*counts)
    if lost:
        outlet.damaged(lost)
