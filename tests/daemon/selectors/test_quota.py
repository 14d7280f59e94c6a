"""No window of watching ever holds more than its quota."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gleancam.config.selection_keys import Quotas
from gleancam.selectors.budget_amount import parse_amount
from gleancam.selectors.quota import CameraQuotas, QuotaState
from gleancam.types import Reason
from made_frames import SECOND_NS

SETTINGS = Quotas(novel=("3/minute", "8/hour"), command=("2/day",))
REASONS = (Reason.NOVEL, Reason.COMMAND, Reason.HEARTBEAT)


def restarted(quotas: CameraQuotas, settings: Quotas = SETTINGS) -> CameraQuotas:
    again = CameraQuotas(settings)
    again.restore(quotas.encode())
    return again


GAPS_S = st.one_of(st.floats(0, 5), st.floats(0, 4000), st.floats(-4000, 100_000))
STEPS = st.lists(st.tuples(GAPS_S, st.sampled_from(REASONS), st.booleans()), max_size=120)


@given(STEPS)
def test_no_window_exceeds_its_quota_over_restarts_and_clocks_that_go_back(
    steps: list[tuple[float, Reason, bool]],
) -> None:
    quotas, at_ns, watched_ns = CameraQuotas(SETTINGS), 0, 0
    kept: dict[Reason, list[int]] = {reason: [] for reason in REASONS}
    for gap_s, reason, restart in steps:
        if restart:
            quotas, at_ns = restarted(quotas), 0
            quotas.advance(0)
        at_ns += round(gap_s * SECOND_NS)
        watched_ns += max(0, round(gap_s * SECOND_NS))
        quotas.advance(at_ns)
        if quotas.allows(reason):
            quotas.count(reason)
            kept[reason].append(watched_ns)
    for reason, texts in ((Reason.NOVEL, SETTINGS.novel), (Reason.COMMAND, SETTINGS.command)):
        for amount in map(parse_amount, texts):
            assert most_in_a_window(kept[reason], amount.period_ns) <= amount.limit


def most_in_a_window(times: list[int], period_ns: int) -> int:
    return max((sum(t <= u < t + period_ns for u in times) for t in times), default=0)


def test_a_quota_is_used_up_and_comes_back_as_the_window_moves() -> None:
    quotas, kept = CameraQuotas(Quotas(novel=("2/minute",))), []
    for second in range(150):
        quotas.advance(second * SECOND_NS)
        if quotas.allows(Reason.NOVEL):
            quotas.count(Reason.NOVEL)
            kept.append(second)
    assert kept == [0, 1, 60, 61, 120, 121]


def test_reasons_do_not_share_and_one_without_a_quota_has_no_end() -> None:
    quotas = CameraQuotas(SETTINGS)
    quotas.advance(0)
    for _ in range(100):
        quotas.count(Reason.COMMAND)
        quotas.count(Reason.RANDOM)
    assert not quotas.allows(Reason.COMMAND)
    assert quotas.allows(Reason.NOVEL)
    assert quotas.allows(Reason.HEARTBEAT)
    assert quotas.allows(Reason.RANDOM)


def test_what_is_remembered_is_bounded() -> None:
    quotas = CameraQuotas(Quotas(novel=("1000/day",)))
    for second in range(5000):
        quotas.advance(second * SECOND_NS)
        quotas.count(Reason.NOVEL)
    state = msgspec.msgpack.decode(quotas.encode(), type=QuotaState)
    assert len(state.kept["novel"]) == 1000


def test_other_quotas_go_on_with_what_was_kept() -> None:
    quotas = CameraQuotas(SETTINGS)
    quotas.advance(0)
    for _ in range(3):
        quotas.count(Reason.NOVEL)
    assert not restarted(quotas, Quotas(novel=("2/hour",))).allows(Reason.NOVEL)
    assert restarted(quotas, Quotas(novel=("4/hour",))).allows(Reason.NOVEL)
    assert restarted(quotas, Quotas()).allows(Reason.NOVEL)


def test_only_what_changed_is_stored() -> None:
    quotas, stale = CameraQuotas(SETTINGS), []
    quotas.advance(0)
    for reason in (Reason.HEARTBEAT, Reason.NOVEL):
        quotas.count(reason)
        stale.append(quotas.stale)
    quotas.encode()
    assert [*stale, quotas.stale] == [False, True, False]


def state(watched_ns: int, *times: int) -> bytes:
    kept = {"novel": times}
    return msgspec.msgpack.encode(QuotaState(watched_ns=watched_ns, kept=kept))


@pytest.mark.parametrize(
    ("content", "why"),
    [(b"\xc1", "cannot be read"), (state(9, 5, 4), "no order"), (state(3, 1, 4), "to come")],
)
def test_damaged_rows_are_refused_and_change_nothing(content: bytes, why: str) -> None:
    quotas = CameraQuotas(SETTINGS)
    with pytest.raises(ValueError, match=why):
        quotas.restore(content)
    assert quotas.allows(Reason.NOVEL)


@pytest.mark.parametrize("name", [each.name for each in msgspec.structs.fields(Quotas)])
def test_every_reason_of_the_configuration_is_one(name: str) -> None:
    assert Reason(name) is not Reason.RANDOM
