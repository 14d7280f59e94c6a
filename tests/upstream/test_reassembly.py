from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gleancam_upstream.oldest_go import OVERHEAD_BYTES
from gleancam_upstream.reassembly import Reassembly

halves = st.lists(
    st.tuples(st.sampled_from(["image", "manifest"]), st.sampled_from("abcdef")), max_size=60
)


@given(halves)
def test_pairs_are_whatever_met_and_nothing_is_handed_out_twice(
    arrivals: list[tuple[str, str]],
) -> None:
    reassembly: Reassembly[str] = Reassembly()
    images: set[str] = set()
    manifests: set[str] = set()
    for kind, key in arrivals:
        mine, other = (images, manifests) if kind == "image" else (manifests, images)
        if kind == "image":
            pair = reassembly.image(key, key.encode())
        else:
            pair = reassembly.manifest(key, key, 1)
        assert (pair is not None) == (key in other)
        if pair is None:
            mine.add(key)
        else:
            assert pair == (key, key.encode())
            other.remove(key)
    assert reassembly.waiting == (len(images), len(manifests))
    assert reassembly.dropped == 0


@given(halves, st.integers(1, 4))
def test_memory_is_bounded(arrivals: list[tuple[str, str]], most: int) -> None:
    limit = most * (OVERHEAD_BYTES + 1)
    reassembly: Reassembly[str] = Reassembly(images_bytes=limit, manifests_bytes=limit)
    for kind, key in arrivals:
        if kind == "image":
            reassembly.image(key, b"x")
        else:
            reassembly.manifest(key, key, 1)
        assert max(reassembly.waiting) <= most


def test_the_newest_image_counts_and_the_oldest_goes() -> None:
    reassembly: Reassembly[str] = Reassembly(images_bytes=2 * (OVERHEAD_BYTES + 3))
    reassembly.image("a", b"old")
    reassembly.image("a", b"new")
    assert reassembly.manifest("a", "m", 1) == ("m", b"new")
    for key in "xyz":
        reassembly.image(key, b"123")
    assert reassembly.dropped == 1
    assert reassembly.manifest("x", "m", 1) is None
    assert reassembly.manifest("z", "m", 1) == ("m", b"123")


def test_what_was_answered_is_forgotten() -> None:
    reassembly: Reassembly[str] = Reassembly()
    reassembly.image("a", b"")
    reassembly.manifest("b", "m", 1)
    reassembly.forget("a")
    reassembly.forget("b")
    reassembly.forget("never")
    assert reassembly.waiting == (0, 0)
