"""How often a camera's frames may be kept for one reason."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence

import msgspec

from gleancam.config.selection_keys import Quotas
from gleancam.selectors.budget_amount import Amount, parse_amount
from gleancam.selectors.stored import decoded
from gleancam.selectors.watched import WatchedTime
from gleancam.types import Reason


class Quota:
    """At most so many in any window, wherever it begins: the latest times kept are remembered.

    Args:
        amounts: samples in windows; all of them hold. None: there is no limit.
    """

    def __init__(self, amounts: Sequence[Amount], times: Iterable[int] = ()) -> None:
        self._windows = [(int(amount.limit), amount.period_ns) for amount in amounts]
        most = max((limit for limit, _ in self._windows), default=0)
        self.times: deque[int] = deque(times, maxlen=most)

    def allows(self, now_ns: int) -> bool:
        """Whether one more may be kept now."""
        return all(
            len(self.times) < limit or now_ns - self.times[-limit] >= period_ns
            for limit, period_ns in self._windows
        )

    def count(self, now_ns: int) -> None:
        """One was kept."""
        self.times.append(now_ns)


class QuotaState(msgspec.Struct, frozen=True, kw_only=True):
    """One camera's quotas as they are stored, as MessagePack: times watched, by reason."""

    watched_ns: int
    kept: dict[str, tuple[int, ...]]


class CameraQuotas:
    """One camera's quotas, reason by reason, in time watched: restarts and wall time give nothing.

    What the lottery alone kept is not counted, nor limited.
    """

    def __init__(self, settings: Quotas) -> None:
        written = msgspec.structs.asdict(settings)
        self._amounts = {
            Reason(name): [parse_amount(text) for text in texts]
            for name, texts in written.items()
            if texts
        }
        self._quotas = {reason: Quota(amounts) for reason, amounts in self._amounts.items()}
        self._time = WatchedTime()
        self._now_ns = 0
        self.stale = False

    def advance(self, mono_ns: int) -> None:
        """Look at the time of the next frame."""
        self._time.begin(mono_ns)
        self._now_ns = max(self._now_ns, self._time.at(mono_ns))

    def allows(self, reason: Reason) -> bool:
        """Whether one more may be kept now for this reason."""
        quota = self._quotas.get(reason)
        return quota is None or quota.allows(self._now_ns)

    def count(self, reason: Reason) -> None:
        """A frame was kept for this reason."""
        if reason in self._quotas:
            self._quotas[reason].count(self._now_ns)
            self.stale = True

    def encode(self) -> bytes:
        """Give what must outlive a restart, to be stored now."""
        self.stale = False
        kept = {reason.value: tuple(quota.times) for reason, quota in self._quotas.items()}
        return msgspec.msgpack.encode(QuotaState(watched_ns=self._now_ns, kept=kept))

    def restore(self, content: bytes) -> None:
        """Go on with what was stored, as far as there are still quotas for it.

        Raises:
            ValueError: it is damaged.
        """
        state = decoded(content, QuotaState, "what is stored of quotas")
        if any(list(times) != sorted(times) for times in state.kept.values()):
            raise ValueError("stored quotas have times in no order")
        if any(times[-1] > state.watched_ns for times in state.kept.values() if times):
            raise ValueError("stored quotas have times that are still to come")
        self._time, self._now_ns = WatchedTime(state.watched_ns), state.watched_ns
        for reason, amounts in self._amounts.items():
            self._quotas[reason] = Quota(amounts, state.kept.get(reason.value, ()))
