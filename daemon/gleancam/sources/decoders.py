"""Which decoder takes which codec: the board's own, then VA, then libav. A closed list.

Hostile input is real, so nothing is plugged automatically: a codec that is not in the table is
refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gleancam.errors import SourceError
from gleancam.sources.graph import available, caps_name, make


@dataclass(frozen=True, slots=True)
class Codec:
    """One codec.

    Attributes:
        parser: element that finds the borders of pictures; empty when none is needed.
        decoders: chains of elements, best first. The first whose elements are all here is taken.
        one_to_one: whether every picture of a sound stream comes out of the decoder.
    """

    parser: str
    decoders: tuple[tuple[str, ...], ...]
    one_to_one: bool = False


_JETSON = ("nvv4l2decoder", "nvvidconv")
_VA_H264 = ("vah264dec", "vapostproc")
_VA_H265 = ("vah265dec", "vapostproc")
_MPEG_1_2 = Codec("mpegvideoparse", (("avdec_mpeg2video",),))
_MSMPEG_3 = Codec("", (("avdec_msmpeg4",),))

CODECS = {
    "video/x-h264": Codec("h264parse", (_JETSON, _VA_H264, ("avdec_h264",)), one_to_one=True),
    "video/x-h265": Codec("h265parse", (_JETSON, _VA_H265, ("avdec_h265",)), one_to_one=True),
    "image/jpeg": Codec("jpegparse", (("jpegdec",), ("avdec_mjpeg",)), one_to_one=True),
    "image/png": Codec("pngparse", (("pngdec",), ("avdec_png",))),
    "video/x-vp8": Codec("", (("vp8dec",), ("avdec_vp8",))),
    "video/x-vp9": Codec("", (("vp9dec",), ("avdec_vp9",))),
    "video/x-av1": Codec("av1parse", (("dav1ddec",), ("av1dec",), ("avdec_av1",))),
    "video/x-xvid": Codec("", (("avdec_mpeg4",),)),
    "video/mpeg,1": _MPEG_1_2,
    "video/mpeg,2": _MPEG_1_2,
    "video/mpeg,4": Codec("mpeg4videoparse", (("avdec_mpeg4",),)),
    "video/x-divx,3": _MSMPEG_3,
    "video/x-divx,4": Codec("", (("avdec_mpeg4",),)),
    "video/x-divx,5": Codec("", (("avdec_mpeg4",),)),
    "video/x-msmpeg,41": Codec("", (("avdec_msmpeg4v1",),)),
    "video/x-msmpeg,42": Codec("", (("avdec_msmpeg4v2",),)),
    "video/x-msmpeg,43": _MSMPEG_3,
}
"""By media type, and by version where the type has one."""

_VERSION_FIELDS = ("mpegversion", "msmpegversion", "divxversion")
RAW = "video/x-raw"


def is_video(caps: Any) -> bool:
    """Return whether caps describe a picture stream of any kind."""
    return caps_name(caps).startswith(("video/", "image/"))


def codec_name(caps: Any) -> str:
    """Return the key of `CODECS` for caps."""
    name = caps_name(caps)
    found = (caps.get_structure(0).get_int(field) for field in _VERSION_FIELDS) if name else ()
    versions = [str(version) for told, version in found if told]
    return ",".join([name, *versions])


def codec_of(caps: Any) -> Codec:
    """Look a codec up.

    Raises:
        SourceError: it is not in the table.
    """
    name = codec_name(caps)
    codec = CODECS.get(name)
    if codec is None:
        raise SourceError(
            "unsupported",
            f"video of type {name or 'unknown'} is not decoded here",
            cure="set the camera to H.264, H.265 or MJPEG",
            transient=False,
        )
    return codec


def parser_elements(codec: Codec) -> list[Any]:
    """Make the parser of a codec, if it needs one."""
    return [make(codec.parser)] if codec.parser else []


def decoder_elements(codec: Codec, *, max_threads: int = 0) -> list[Any]:
    """Make the best decoder that is installed.

    Args:
        codec: what to decode.
        max_threads: of a libav decoder; 0 lets it choose.

    Raises:
        SourceError: none is installed.
    """
    for factories in codec.decoders:
        if all(available(factory) for factory in factories):
            return [_decoder(factory, max_threads) for factory in factories]
    return [make(codec.decoders[-1][0])]


def _decoder(factory: str, max_threads: int) -> Any:
    element = make(factory)
    if max_threads and element.find_property("max-threads"):
        element.set_property("max-threads", max_threads)
    return element
