"""What every picture passes on its way from a source to the slots: mask, number, count."""

from __future__ import annotations

import logging

from gleancam.cameras import CameraBoard
from gleancam.channel import FrameSlots
from gleancam.config.keys import Camera
from gleancam.errors import ChannelClosedError
from gleancam.mask import Corners, PlaneMasks, black_luma, blacken, plane_masks, thumbnail_cells
from gleancam.metrics import Metrics
from gleancam.pause import Pause
from gleancam.thumbnail import luma_thumbnail
from gleancam.types import Frame, Redaction, Thumbnail
from gleancam_engines.planes import Float32Array, Planes

_log = logging.getLogger(__name__)

_IN_SINK = 2
"""At most so many pictures are produced and not lost: one arriving, one waiting."""


class CameraOutlet:
    """The outlet of one camera.

    Counts so that, at the end of every run, produced = pulled + lost to `sink_overrun`. `produced`
    has one writer, GStreamer's thread, and the others another, the source's stage: no lock.
    """

    def __init__(
        self,
        camera: Camera,
        slots: FrameSlots,
        metrics: Metrics,
        board: CameraBoard,
        pause: Pause | None = None,
    ) -> None:
        self._camera_id = camera.id
        self._slots = slots
        self._metrics = metrics
        self._board = board
        self._pause = pause or Pause()
        self._masks = _Masks(tuple(mask.polygon for mask in camera.mask))
        self._redactions = tuple(Redaction(mask.name, mask.polygon) for mask in camera.mask)
        self._glimpses = camera.thumbnails == "decoded"
        self.begin()

    def begin(self) -> None:
        """Start a run: frames are numbered from 0 again."""
        self._produced = 0
        self._pulled = 0
        self._overrun = 0

    def settle(self) -> None:
        """End a run, after its pipeline is gone: what was not pulled by now is lost."""
        self._lose_to_sink(self._produced - self._pulled)

    @property
    def pictures(self) -> int:
        """Pictures handed over in this run."""
        return self._pulled

    def received(self, encoded_bytes: int) -> None:
        """Count what the camera sent."""
        self._metrics.inc("camera_bytes", encoded_bytes, camera=self._camera_id)

    def produced(self) -> None:
        """Count one sampled picture that reached the appsink."""
        self._produced += 1
        self._metrics.inc("frames_produced", camera=self._camera_id)

    def picture(self, planes: Planes, captured_ns: int, mono_ns: int) -> None:
        """Mask a picture and put it into the camera's slot.

        The number of a frame counts the frames lost before it, as far as they are known by then.

        Raises:
            ChannelClosedError: the daemon stops; the picture was pulled, and counts as lost.
        """
        self._masks.blacken(planes)
        self._pulled += 1
        self._lose_to_sink(self._produced - self._pulled - _IN_SINK)
        seq = self._pulled + self._overrun - 1
        frame = Frame(
            self._camera_id, seq, captured_ns, mono_ns, planes.read_only(), self._redactions
        )
        self._metrics.inc("frames_pulled", camera=self._camera_id)
        self._metrics.set("camera_up", 1, camera=self._camera_id)
        self._board.seen(self._camera_id, captured_ns)
        self._put(frame)

    def _put(self, frame: Frame) -> None:
        if self._pause.on:
            self._lose(1, "paused")
            return
        try:
            overrun = self._slots.put(frame)
        except ChannelClosedError:
            self._lose(1, "stopped")
            raise
        if overrun:
            self._lose(1, "slot_overrun")

    def glimpse(self, planes: Planes, captured_ns: int, mono_ns: int) -> None:
        """Keep the masked thumbnail of a decoded picture, where configuration wants them all."""
        if not self._glimpses or self._pause.on:
            return
        luma = self._masks.thumbnail(planes)
        thumbnail = Thumbnail(self._camera_id, captured_ns, mono_ns, luma)
        if self._slots.put_thumbnail(thumbnail):
            self.missed_glimpse()

    def missed_glimpse(self) -> None:
        """Count one thumbnail lost."""
        self._metrics.inc("thumbnails_lost", camera=self._camera_id)

    def damaged(self, count: int) -> None:
        """Count pictures that could not be decoded, log it and tell the board."""
        text = f"pictures that could not be decoded: {count}"
        self._lose(count, "damaged")
        self._board.damaged(self._camera_id, text)
        extra = {"camera": self._camera_id, "kind": "corrupt"}
        _log.warning("%s", text, extra={**extra, "limit": f"damage {self._camera_id}"})

    def _lose_to_sink(self, known: int) -> None:
        new = known - self._overrun
        if new > 0:
            self._overrun = known
            self._lose(new, "sink_overrun")

    def _lose(self, count: int, reason: str) -> None:
        self._metrics.inc("frames_lost", count, camera=self._camera_id, reason=reason)


class _Masks:
    """The camera's mask polygons, drawn once per resolution."""

    def __init__(self, polygons: tuple[Corners, ...]) -> None:
        self._polygons = polygons
        self._cells = thumbnail_cells(polygons)
        self._drawn: tuple[tuple[int, int], PlaneMasks] | None = None

    def blacken(self, planes: Planes) -> None:
        if not self._polygons:
            return
        size = (planes.height, planes.width)
        if self._drawn is None or self._drawn[0] != size:
            self._drawn = (size, plane_masks(self._polygons, *size))
        blacken(planes, self._drawn[1])

    def thumbnail(self, planes: Planes) -> Float32Array:
        luma = luma_thumbnail(planes.y)
        if self._polygons:
            luma = luma.copy()
            luma[self._cells] = black_luma(planes.colorimetry)
            luma.setflags(write=False)
        return luma
