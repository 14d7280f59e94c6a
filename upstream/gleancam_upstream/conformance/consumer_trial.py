"""Plays a device, and looks at what a consumer answers."""

from __future__ import annotations

from typing import final

from gleancam.wire.picture import picture_id
from gleancam_upstream.conformance.answers import Answers
from gleancam_upstream.conformance.made_samples import made_event, made_sample
from gleancam_upstream.conformance.played_device import PlayedDevice
from gleancam_upstream.conformance.rules import CONSUMER
from gleancam_upstream.conformance.score import Finding, OnFinding, Score
from gleancam_upstream.conformance.spoiled import GARBAGE, extended, garbage, wrong_image
from gleancam_upstream.conformance.tap import Tap, retained
from gleancam_upstream.conformance.trial import Trial
from gleancam_upstream.errors import TrialError


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
        self._answers = Answers(tap, trial.topics, trial.consumer)
        self._sent = {GARBAGE}
        self._whole = made_sample(trial.topics)
        self._wrong = wrong_image(made_sample(trial.topics))
        self._event = made_event(trial.topics)
        self._held = made_sample(trial.topics, images="held")

    def run(self) -> None:
        self._presence()
        self._sent.add(self._whole.parcel_id)
        self._device.send(self._whole)
        if not self._comes("C-04", self._whole.parcel_id):
            self._score.skip_rest("no sample was acknowledged")
            return
        self._at_once()
        self._again()
        self._garbage()
        self._never()
        self._death()

    def _presence(self) -> None:
        """C-01, C-02."""
        self._trial.say(f"waiting {self._trial.patience_s:g} s for a consumer to be online")
        if not self._tap.until(self._answers.online, self._trial.patience_s):
            wrong = self._answers.bad_presence() or "nobody said so"
            self._score.failed("C-01", wrong)
            self._score.skipped("C-02", "there was no presence")
            self._score.skipped("C-03", "there was no presence")
            return
        if len(names := self._answers.online()) > 1:
            raise TrialError(
                f"several consumers are online: {', '.join(names)}",
                cure="stop all but one, or clear the presence of those that are no more",
            )
        self._score.judge("C-01", self._answers.bad_presence())
        kept = retained(
            self._trial.broker, (self._trial.topics.ingest_filter,), self._trial.quiet_s
        )
        found = {topic.split("/")[-2] for topic in kept}
        missing = set(names) - found
        self._score.judge("C-02", f"{', '.join(missing)} has none" if missing else "")

    def _at_once(self) -> None:
        """C-05, C-06, C-08, C-09, C-11, C-12, C-14: all in one go, so as to wait only once."""
        self._trial.say("sending halves, a wrong image, unknown fields, an event, a held picture")
        topics = self._trial.topics
        image_only, manifest_only = made_sample(topics), made_sample(topics)
        later, other = extended(made_sample(topics)), made_sample(topics)
        last = made_sample(topics)
        every = (image_only, manifest_only, later, other, last)
        every = (*every, self._wrong, self._event, self._held)
        self._sent.update(one.parcel_id for one in every)
        self._tap.say(self._device.messages(image_only)[0])
        self._tap.say(self._device.messages(manifest_only)[1])
        for one in (self._wrong, later, self._event, self._held):
            self._device.send(one)
        self._device.send(other, other_mode=True)
        self._device.send(last)
        wanted = [one.parcel_id for one in (later, other, last, self._event, self._held)]
        self._tap.until(lambda: self._answers.have(wanted), self._trial.patience_s)
        self._tap.listen(self._trial.quiet_s)
        for rule, one in (
            ("C-09", later),
            ("C-11", self._event),
            ("C-12", self._held),
            ("C-14", other),
        ):
            self._score.judge(rule, "" if self._answers.count(one.parcel_id) else "it was not")
        early = [one for one in (image_only, manifest_only) if self._answers.count(one.parcel_id)]
        halves = {image_only.parcel_id: "its manifest", manifest_only.parcel_id: "its image"}
        missing = ", ".join(halves[one.parcel_id] for one in early)
        self._score.judge("C-06", f"one was, before {missing} was there" if early else "")
        self._tap.say(self._device.messages(image_only)[1], self._device.messages(manifest_only)[0])
        self._comes("C-04", image_only.parcel_id)
        self._comes("C-05", manifest_only.parcel_id)

    def _again(self) -> None:
        """C-07, and the picture of C-13."""
        self._trial.say("sending again what was acknowledged")
        again = (self._whole, self._event, self._held)
        before = {one.parcel_id: self._answers.count(one.parcel_id) for one in again}
        for one in again:
            self._device.send(one, attempt=2)
        expected = [one for one, count in before.items() if count]
        more = {one: before[one] + 1 for one in expected}
        self._tap.until(
            lambda: all(self._answers.count(one) >= more[one] for one in expected),
            self._trial.patience_s,
        )
        kinds = {self._whole.parcel_id: "the sample", self._event.parcel_id: "the event"}
        kinds[self._held.parcel_id] = "the manifest"
        silent = [kinds[one] for one in expected if self._answers.count(one) < more[one]]
        self._score.judge("C-07", f"{', '.join(silent)} came again unanswered" if silent else "")
        self._picture()

    def _picture(self) -> None:
        """C-13: a consumer may be silent, since it has not asked for it."""
        if not self._answers.count(self._held.parcel_id):
            self._score.skipped("C-13", "the manifest was not acknowledged")
            return
        before = self._answers.count(self._held.parcel_id)
        self._device.send_picture(self._held)
        self._sent.add(picture_id(self._held.parcel_id))
        named = picture_id(self._held.parcel_id)
        self._tap.until(lambda: self._answers.count(named), self._trial.quiet_s)
        after = self._answers.count(self._held.parcel_id)
        self._score.judge("C-13", "the manifest's id came after the picture" * (after > before))

    def _garbage(self) -> None:
        """C-10."""
        self._trial.say("sending garbage, then a sample")
        good = made_sample(self._trial.topics)
        self._sent.add(good.parcel_id)
        self._tap.say(*garbage(self._trial.topics))
        self._device.send(good)
        self._comes("C-10", good.parcel_id)

    def _never(self) -> None:
        """C-08, C-15, C-16: of all that was said."""
        was = self._answers.count(self._wrong.parcel_id)
        self._score.judge("C-08", "it was acknowledged" if was else "")
        topic = self._trial.topics.ack
        kept = retained(self._trial.broker, (topic,), self._trial.quiet_s)
        self._score.judge("C-15", self._answers.malformed() or ("one is retained" if kept else ""))
        strange = sorted(self._answers.named() - self._sent)
        self._score.judge("C-16", f"{strange[0]} was not sent" if strange else "")

    def _death(self) -> None:
        """C-03, last: it dies of it."""
        if (kill := self._trial.kill) is None:
            self._score.skipped("C-03", "give --pid to have it killed")
            return
        if not (names := self._answers.online()):
            self._score.skipped("C-03", "it was offline before")
            return
        self._trial.say("killing the consumer")
        kill()
        gone = self._answers.online
        if not self._tap.until(lambda: not gone(), self._trial.patience_s):
            self._score.failed("C-03", "it is dead, and nothing said that it is offline")
            return
        kept = retained(
            self._trial.broker, (self._trial.topics.ingest_filter,), self._trial.quiet_s
        )
        stale = [topic for topic, one in kept.items() if b"true" in one.payload]
        mine = [topic for topic in stale if topic.split("/")[-2] in names]
        self._score.judge("C-03", f"retained on {mine[0]} is still online" if mine else "")

    def _comes(self, rule: str, parcel_id: str) -> bool:
        """Judge a rule by whether an id is acknowledged in time."""
        count = self._answers.count
        came = self._tap.until(lambda: count(parcel_id), self._trial.patience_s)
        seen = f"no acknowledgement within {self._trial.patience_s:g} s"
        self._score.judge(rule, "" if came else seen)
        return came
