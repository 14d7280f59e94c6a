"""How long each part may take to stop; together less than the unit's TimeoutStopSec."""

from __future__ import annotations

DRAIN_S = 6.0
"""How long delivery goes on sending at the end."""

SOURCES_BUDGET_S = 5.0
INFERENCE_BUDGET_S = 8.0
SPOOLER_BUDGET_S = 4.0
DECISIONS_BUDGET_S = 2.0
DELIVERY_BUDGET_S = DRAIN_S + 4.0
HTTP_BUDGET_S = 1.0
DOCTOR_BUDGET_S = 1.0
