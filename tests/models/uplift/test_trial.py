from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from tenure.models.feature import Feature
from tenure.models.uplift.trial import Trial, TrialRefused, TrialTooSmall

GOOD: dict[str, Any] = {
    "treated": [0, 1, 0, 1],
    "left": [0, 0, 1, 1],
    "propensity": 0.5,
    "persons": ["a", "b", "c", "a"],
}


def trial(column: str = "use", values: tuple[float, ...] = (1, 2, 3, 4), **other: Any) -> Trial:
    frame = pd.DataFrame({column: values}, dtype=float)
    return Trial.of(frame, features=(Feature(column),), **{**GOOD, **other})


def test_persons_are_numbered_and_a_single_propensity_holds_for_all() -> None:
    found = trial()
    assert found.persons.tolist() == [0, 1, 2, 0]
    assert found.propensity.tolist() == [0.5] * 4


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"treated": [0, 1, 2, 1]}, "every value of treated must be 0 or 1; found 1 others \\(persons c\\)"),
        ({"left": [0, 1, np.nan, 1]}, "every value of left must be 0 or 1"),
        ({"propensity": [0.5, 1.0, 0.5, 0.5]}, "between 0 and 1, both excluded.* \\(persons b\\)"),
        ({"propensity": 0.0}, "leave out those who were always or never to be contacted; found 4"),
        ({"propensity": [0.5, np.nan, 0.5, 0.5]}, "found 1 others"),
        ({"persons": ["a", None, "c", "d"]}, "every row needs a person"),
        ({"left": [0, 1]}, "expected left to have a value for each of the 4 rows"),
        ({"column": "risk"}, "every risk must be a probability"),
    ],
)
def test_what_is_no_randomised_trial_is_refused(other: dict[str, Any], said: str) -> None:
    with pytest.raises(TrialRefused, match=said):
        trial(**other)


def test_an_empty_arm_is_too_small() -> None:
    nobody = Trial.of(
        pd.DataFrame({"use": np.arange(100.0)}),
        features=(Feature("use"),),
        treated=np.zeros(100),
        left=np.arange(100) % 2,
        propensity=0.5,
        persons=np.arange(100),
    )
    with pytest.raises(TrialTooSmall, match="at least 20 people of each kind, found 0 \\(contacted, left\\)"):
        nobody.check_size()


def test_the_risk_is_found_among_the_features() -> None:
    assert trial().risk_column is None
    assert trial("risk", (0.1, 0.2, 0.3, 0.4)).risk_column == 0
