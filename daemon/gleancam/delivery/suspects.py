"""Parcels that some broker or proxy on the way cannot bear: each ends the connection it is sent on.

Such a parcel would block everything behind it for ever. It steps aside, so that others show whether
the line works; only if they do, and it ends connections all the same, is it to blame.
"""

from __future__ import annotations

from collections import OrderedDict

STRIKES = 3
MOST_SUSPECTS = 64


class Suspects:
    """Counts, for each suspect, the connections it ended with a success of another in between."""

    def __init__(self) -> None:
        self._accepted = 0
        self._strikes: OrderedDict[str, tuple[int, int]] = OrderedDict()

    def strike(self, parcel_id: str) -> bool:
        """Note that a connection ended with this one alone on it; return whether it is to blame."""
        count, accepted = self._strikes.pop(parcel_id, (0, -1))
        if self._accepted > accepted:
            count += 1
        if count >= STRIKES:
            return True
        self._strikes[parcel_id] = (count, self._accepted)
        if len(self._strikes) > MOST_SUSPECTS:
            self._strikes.popitem(last=False)
        return False

    def acquit(self, parcel_id: str) -> None:
        """Note that a parcel was accepted: it is no suspect, and the line works."""
        self._accepted += 1
        self._strikes.pop(parcel_id, None)
