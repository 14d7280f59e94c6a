"""Plays a device, and looks at what a consumer answers."""

from __future__ import annotations

from typing import final

from gleancam.wire.picture import picture_id
from gleancam_upstream.conformance.answers import Answers
from gleancam_upstream.conformance.batch import made_batch
from gleancam_upstream.conformance.consumer_presence import ConsumerPresence
from gleancam_upstream.conformance.made_samples import is_made, made_sample
from gleancam_upstream.conformance.played_device import PlayedDevice
from gleancam_upstream.conformance.rules import CONSUMER
from gleancam_upstream.conformance.score import Finding, OnFinding, Score
from gleancam_upstream.conformance.spoiled import GARBAGE, garbage
from gleancam_upstream.conformance.tap import Tap, retained
from gleancam_upstream.conformance.trial import Trial


def try_consumer(trial: Trial, tell: OnFinding) -> tuple[Finding, ...]:
    """Check a consumer that somebody starts, now or earlier, against the same broker.

    `tell` is given each finding as it is made. Nothing stays at the broker.

    Raises:
        NoBrokerError: there is no connection, or it was lost.
        BrokerRefusedError: the broker does not let us in, or not subscribe.
        TrialError: several consumers are online.
    """
    score, topics = Score(CONSUMER, tell), trial.topics
    with Tap(trial.broker, topics.ack, topics.ingest_filter) as tap:
        device = PlayedDevice(topics, tap.say, mqtt5=trial.broker.protocol == "5")
        device.appear()
        try:
            _ConsumerTrial(trial, score, tap, device).run()
        finally:
            device.vanish()
    return score.findings()


@final
class _ConsumerTrial:
    def __init__(self, trial: Trial, score: Score, tap: Tap, device: PlayedDevice) -> None:
        self._trial, self._score, self._tap, self._device = trial, score, tap, device
        self._answers = Answers(tap.heard, trial.topics, trial.consumer)
        self._presence = ConsumerPresence(trial, score, tap, self._answers)
        self._whole, self._batch = made_sample(trial.topics), made_batch(trial.topics)
        self._after_garbage = made_sample(trial.topics)

    def run(self) -> None:
        self._presence.begin()
        self._device.send(self._whole)
        if not self._comes("C-04", self._whole.parcel_id):
            self._score.skip_rest("no sample was acknowledged")
            return
        self._at_once()
        self._again()
        self._picture()
        self._garbage()
        self._never()
        self._presence.end()

    def _at_once(self) -> None:
        """C-05, C-06, C-09, C-11, C-12, C-14, and what C-08 needs."""
        self._trial.say("sending halves, a wrong image, unknown fields, an event, a held picture")
        batch, have = self._batch, self._answers.have
        batch.begin(self._device)
        self._tap.until(lambda: have(batch.wanted), self._trial.patience_s)
        self._tap.listen(self._trial.quiet_s)
        for parcel_id, rule in batch.wanted.items():
            self._score.judge(rule, "" if have([parcel_id]) else "it was not")
        early = [missing for one, missing in batch.halves.items() if have([one])]
        self._score.judge("C-06", f"one was before {early[0]} was there" if early else "")
        batch.complete(self._device)
        self._comes("C-04", batch.image_only.parcel_id)
        self._comes("C-05", batch.manifest_only.parcel_id)

    def _again(self) -> None:
        """C-07: of what was acknowledged at all."""
        self._trial.say("sending again what was acknowledged")
        kinds = {
            "the sample": self._whole,
            "the event": self._batch.event,
            "the manifest": self._batch.held,
        }
        known = {kind: one for kind, one in kinds.items() if self._count(one.parcel_id)}
        before = {kind: self._count(one.parcel_id) for kind, one in known.items()}
        for one in known.values():
            self._device.send(one, attempt=2)

        def silent() -> list[str]:
            return [
                kind for kind, one in known.items() if self._count(one.parcel_id) <= before[kind]
            ]

        self._tap.until(lambda: not silent(), self._trial.patience_s)
        self._score.judge("C-07", f"{silent()[0]} was not" if silent() else "")

    def _picture(self) -> None:
        """C-13: a consumer may be silent, since it has not asked for the picture."""
        held = self._batch.held.parcel_id
        if not self._count(held):
            self._score.skipped("C-13", "the manifest was not acknowledged")
            return
        before = self._count(held)
        self._device.send_picture(self._batch.held)
        self._tap.until(lambda: self._count(picture_id(held)), self._trial.quiet_s)
        self._score.judge("C-13", "it was" if self._count(held) > before else "")

    def _garbage(self) -> None:
        """C-10."""
        self._trial.say("sending garbage, then a sample")
        self._tap.say(*garbage(self._trial.topics))
        self._device.send(self._after_garbage)
        self._comes("C-10", self._after_garbage.parcel_id)

    def _never(self) -> None:
        """C-08, C-15, C-16: of all that was said. An earlier trial may still have answers."""
        wrong = self._count(self._batch.wrong.parcel_id)
        self._score.judge("C-08", "it was acknowledged" if wrong else "")
        kept = retained(self._trial.broker, (self._trial.topics.ack,), self._trial.glance_s)
        self._score.judge("C-15", self._answers.malformed() or ("one is" if kept else ""))
        strange = sorted(one for one in self._answers.named() - self._sent() if not is_made(one))
        self._score.judge("C-16", f"{strange[0]} was not" if strange else "")

    def _sent(self) -> set[str]:
        picture = picture_id(self._batch.held.parcel_id)
        others = {self._whole.parcel_id, self._after_garbage.parcel_id}
        return {*self._batch.ids, *others, picture, GARBAGE}

    def _count(self, parcel_id: str) -> int:
        return self._answers.count(parcel_id)

    def _comes(self, rule: str, parcel_id: str) -> bool:
        """Judge a rule by whether an id is acknowledged in time."""
        came = self._tap.until(lambda: self._count(parcel_id), self._trial.patience_s)
        seen = f"no acknowledgement within {self._trial.patience_s:g} s"
        self._score.judge(rule, "" if came else seen)
        return came
