"""The smallest projects: one source and one outcome, for tests that are not about either."""

from __future__ import annotations

_PROJECT = """
[project]
name = "shop"
[[source]]
name = "till"
{origin}
[outcome.lapse]
type = "inactivity"
kinds = ["purchase"]
horizon_days = 28
eligible = {{ active_days = 28 }}
"""

FROM_A_FILE = _PROJECT.format(origin='files = "till.csv"')
"""A project whose interactions come from a file (which need not be there)."""

LIVE = _PROJECT.format(origin="live = true")
"""A project to which interactions are delivered."""
