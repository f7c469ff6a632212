"""What is shown beside a risk comes from the unit's own features, and only where it is known."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tenure.pipelines.scoring.facts import facts_of, waiting

DESCRIBED = pd.DataFrame(
    {
        "any_days_since_last": [3.0, np.nan],
        "service_open_cases": [2.0, 0.0],
        "service_unanswered_count": [1.0, 0.0],
        "service_unanswered_days": [2.5, np.nan],
        "service_promises_overdue": [0.0, 0.0],
        "service_promises_overdue_days": [np.nan, np.nan],
        "service_transfers_left_28d": [0.0, 2.0],
        "service_transfers_left_days_since": [np.nan, 5.0],
    }
)


def test_what_is_missing_is_left_out_and_open_promises_have_their_age() -> None:
    assert facts_of(DESCRIBED) == [
        {"days_since_last": 3.0, "open_cases": 2.0, "unanswered": [1.0, 2.5]},
        {"open_cases": 0.0, "left": [2.0, 5.0]},
    ]


def test_who_waits_is_whoever_has_an_open_promise() -> None:
    assert waiting(DESCRIBED).tolist() == [True, True]
    assert waiting(DESCRIBED.assign(service_transfers_left_28d=0.0)).tolist() == [True, False]
    assert waiting(DESCRIBED[["any_days_since_last"]]).tolist() == [False, False]
