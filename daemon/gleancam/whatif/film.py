"""A video shown to one policy, and recorded as the decision log would."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from importlib.metadata import version

from gleancam.batching import Embed
from gleancam.config.keys import Camera, Config
from gleancam.decisions.epoch import Epoch, logged_cameras, raw
from gleancam.decisions.record import Logged, LoggedFrame
from gleancam.decisions.recorder import logged_frame
from gleancam.outcome import Outcome
from gleancam.replay import POLICY_ID, Doubt, Replay, Report, look_ahead
from gleancam.selectors.lotteries import seeded
from gleancam.selectors.references import NOTHING, References
from gleancam.settlements import Settled
from gleancam.sources.video import VideoFrame
from gleancam.whatif.once import EmbeddedOnce
from gleancam.whatif.policy import of_config
from gleancam.whatif.price import Price
from gleancam.whatif.recording import Costs, Recording, Run
from gleancam.whatif.rerun import Rerun


class Film:
    """One camera's policy, and what it saw and decided.

    Args:
        name: of the policy.
        fps: frames a second that are looked at; None for every frame.
        references: what frames are compared with that was made elsewhere.
        doubt: as `Replay`.
    """

    def __init__(
        self,
        name: str,
        config: Config,
        camera: Camera,
        embed: Embed,
        space_id: str,
        fps: float | None,
        references: References = NOTHING,
        doubt: Doubt | None = None,
    ) -> None:
        self.name = name
        self.config = config
        self.report = Report()
        self._replay = Replay(config, camera, embed, space_id, fps, references, doubt)
        self._space_id = space_id
        self._price = Price(config)
        self._records: list[Logged] = []

    def begin(self, video_fps: float) -> None:
        """Prepare for a video of that rate; before the first frame is shown."""
        self._replay.begin(video_fps)

    def show(self, frame: VideoFrame) -> None:
        """Show the next frame of the video."""
        for outcome in self._replay.show(frame, self.report):
            self._record(outcome)

    def recording(self, video: str) -> Recording:
        """What was seen so far."""
        return Recording(video, (Run(self._epoch(), tuple(self._records)),))

    def rerun(self, recording: Recording) -> Rerun:
        """What was decided, with everything that only pictures can tell."""
        costs, frames = Costs(recording), recording.frames()
        sizes = [costs.of(frame) or 0 for frame in frames]
        policy = of_config(self.config, self.name)
        return Rerun(policy, frames, [frame.decision for frame in frames], sizes, 0)

    def _record(self, outcome: Outcome) -> None:
        frame = logged_frame(outcome)
        if frame is None:
            return
        self._records.append(frame)
        if outcome.sample_id is not None:
            cost = Settled(outcome.camera_id, outcome.sample_id, self._price.of(outcome))
            self._replay.settle(*cost)
            self._records.append(cost)

    def _epoch(self) -> Epoch:
        frames = (each for each in self._records if isinstance(each, LoggedFrame))
        first = next(frames, None)
        return Epoch(
            run_id=POLICY_ID,
            boot_id=POLICY_ID,
            began_ns=0,
            site=self.config.site,
            device=self.config.device,
            embedder=self.config.models.embedder,
            space_id=self._space_id,
            dimension=0 if first is None else first.observation.embedding.size,
            policy_id=POLICY_ID,
            remembered=0,
            cameras=logged_cameras(self.config.cameras),
            selection=raw(seeded(self.config.selection, self.config.site, self.config.device)),
            version=version("gleancam"),
        )


def show_all(
    frames: Iterable[VideoFrame],
    films: Sequence[Film],
    once: EmbeddedOnce,
    watch: Callable[[Report], None],
) -> None:
    """Show a video to all policies at once; `watch` is called after each frame."""
    fps, shown = look_ahead(frames)
    for film in films:
        film.begin(fps)
    for frame in shown:
        for film in films:
            film.show(frame)
        once.forget()
        watch(films[0].report)
