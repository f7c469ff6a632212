"""Conditions and values over the customer table: what is known as of a date, and what is refused."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tenure.pipelines.decisions.customers import Units
from tenure.pipelines.decisions.expressions import Asked, ExpressionWrong, columns_used
from tenure.pipelines.decisions.worth import excluded, require_expressions, values_of, with_worth
from tenure.pipelines.examples.study import Study
from tenure.pipelines.lake.importing import import_sources
from tenure.pipelines.settings.load import ProjectFileError, parse_project
from tenure.pipelines.store.engine import open_store

NOW = dt.datetime(2024, 7, 1, tzinfo=dt.UTC)
DAY = dt.date(2024, 6, 10)
FACTS = """
customer_id,contract_id,name,value,occurred_at,known_at
ann,,marketing,yes,2024-01-05T08:00:00Z,2024-01-05T08:00:00Z
ann,,marketing,no,2024-06-10T00:00:00Z,2024-06-10T00:00:00Z
bob,,marketing,yes,2024-01-05T08:00:00Z,2024-01-05T08:00:00Z
bob,,marketing,no,2024-06-09T08:00:00Z,2024-06-09T08:00:00Z
cid,,marketing,yes,2024-01-05T08:00:00Z,2024-01-05T08:00:00Z
cid,,marketing,no,2024-06-01T08:00:00Z,2024-06-12T08:00:00Z
ann,,spent,100,2024-01-05T08:00:00Z,2024-01-05T08:00:00Z
bob,,spent,9000,2024-01-05T08:00:00Z,2024-01-05T08:00:00Z
bob,,spent,20,2024-06-10T08:00:00Z,2024-06-10T08:00:00Z
cid,,spent,unknown,2024-01-05T08:00:00Z,2024-01-05T08:00:00Z
ann,,born,1990-04-01,2024-01-05T08:00:00Z,2024-01-05T08:00:00Z
dee,,open_cases,7,2024-01-05T08:00:00Z,2024-01-05T08:00:00Z
ann,a1,tier,gold,2024-01-05T08:00:00Z,2024-01-05T08:00:00Z
ann,,tier,plain,2024-01-04T08:00:00Z,2024-01-04T08:00:00Z
"""
PEOPLE = ["ann", "bob", "cid", "dee"]
PROFILES = {"spent": {"type": "number"}, "born": {"type": "date"}, "nobody_has_it": {"type": "number"}}


@pytest.fixture
def study(tmp_path: Path) -> Callable[..., Study]:
    """Make a study of the facts with some sections of the project file."""
    (tmp_path / "facts.csv").write_text(FACTS.strip() + "\n")
    (tmp_path / "visits.csv").write_text(
        "customer_id,contract_id,occurred_at,kind\n"
        + "".join(f"{p},{p[0]}1,2024-06-01T08:00:00Z,purchase\n" for p in PEOPLE)
    )

    def make(unit: str = "customer", **sections: Any) -> Study:
        sources = [
            {"name": "visits", "files": "visits.csv"},
            {"name": "facts", "into": "profiles", "files": "facts.csv"},
        ]
        outcome = {"type": "inactivity", "kinds": ["purchase"], "horizon_days": 28, "unit": unit}
        content = {"project": {"name": "small"}, "source": sources, "profile": PROFILES, "outcome": {"lapse": outcome}}
        project = parse_project(content | sections, root=tmp_path)
        return Study.of(project, import_sources(project, now=NOW, store=open_store(project.data)))

    return make


def units(study: Study, day: dt.date = DAY, **figures: list[float]) -> Units:
    ids = [f"{p[0]}1" for p in PEOPLE] if study.outcome.unit == "contract" else PEOPLE
    return Units(
        study, day, pd.DataFrame({"unit_id": ids, "customer_id": PEOPLE}), pd.DataFrame(figures, index=range(4))
    )


def scored(*risk: float) -> pd.DataFrame:
    found = pd.DataFrame({"unit_id": PEOPLE, "status": "scored", "probability": risk or (0.9, 0.8, 0.7, 0.6)})
    return found.assign(band="high", barred=None)


def worth(study: Study, *risk: float, **figures: list[float]) -> pd.DataFrame:
    return with_worth(scored(*risk), units(study, **figures))


def test_a_consent_that_was_withdrawn_the_day_after_or_not_known_yet_still_counts(study: Callable[..., Study]) -> None:
    asked = study(contact={"allowed": {"consent": "marketing = 'yes'"}})
    assert worth(asked)["barred"].tolist() == [None, "consent", None, "consent"]  # of dee nothing is known
    later = with_worth(scored(), units(asked, dt.date(2024, 6, 13)))
    assert later["barred"].tolist() == ["consent"] * 4


def test_the_first_cause_counts_and_whoever_is_barred_has_a_gain_but_no_place(study: Callable[..., Study]) -> None:
    allowed = {"calm": "open_cases = 0", "consent": "marketing = 'yes'", "sure": "probability > 0.65"}
    found = worth(study(contact={"allowed": allowed}, economics={"value": 1000}), open_cases=[0.0, 2.0, np.nan, 0.0])
    assert found["barred"].tolist() == [None, "calm", "calm", "consent"]
    assert found["place"].tolist() == [1, pd.NA, pd.NA, pd.NA]
    assert (found["gain"] > 0).all()


def test_the_value_is_that_of_the_date_and_where_it_is_not_known_nobody_is_listed(study: Callable[..., Study]) -> None:
    found = worth(study(economics={"value": "spent * 2", "contact_cost": 1}))
    assert found["value"].tolist()[:2] == [200.0, 18_000.0]
    assert found["gain"].tolist()[:2] == pytest.approx([0.9 * 0.1 * 200 - 1, 0.8 * 0.1 * 18_000 - 1])
    assert found["place"].tolist() == [2, 1, pd.NA, pd.NA]
    assert found.loc[2:, ["value", "gain"]].isna().all(axis=None)
    later = values_of(units(study(economics={"value": "coalesce(spent, 5)"}), dt.date(2024, 6, 11)))
    assert later.tolist() == [100.0, 20.0, 5.0, 5.0]


def test_a_gain_below_nothing_is_never_listed(study: Callable[..., Study]) -> None:
    found = worth(study(economics={"value": 100, "contact_cost": 5, "save_rate": 0.1}), 0.8, 0.51, 0.49, 0.1)
    assert found["place"].tolist() == [1, 2, pd.NA, pd.NA]


def test_with_the_default_value_the_order_by_gain_is_that_by_risk(study: Callable[..., Study]) -> None:
    assert worth(study(), 0.95, 0.9, 0.85, 0.8)["place"].tolist() == [1, 2, 3, 4]


def test_conditions_say_who_is_excluded_and_who_is_never_held_out(study: Callable[..., Study]) -> None:
    rules = {"exclusions": {"young": "date_diff('year', born, as_of) < 40", "staff": "customer_id like 'd%'"}}
    asked = study(**rules, hold_out={"never": {"key_account": "spent > 1000"}})
    assert excluded(units(asked)).tolist() == ["young", None, None, "staff"]
    assert worth(asked)["never_held_out"].tolist() == [False, True, False, False]


def test_a_contract_has_its_own_profiles_and_those_of_its_customer(study: Callable[..., Study]) -> None:
    asked = study("contract", exclusions={"gold": "tier = 'gold'", "rich": "spent > 1000"})
    assert excluded(units(asked)).tolist() == ["gold", "rich", None, None]


def test_a_profile_with_the_name_of_a_fact_is_called_by_another(study: Callable[..., Study]) -> None:
    asked = study(exclusions={"many": "profile_open_cases = '7'", "open": "open_cases > 1"})
    assert excluded(units(asked, open_cases=[2.0, 0.0, 0.0, 0.0])).tolist() == ["open", None, None, "many"]


@pytest.mark.parametrize(
    ("sections", "said"),
    [
        ({"exclusions": {"staff": "plann = 'staff'"}}, r"\[exclusions\] staff = .* uses the column 'plann', which the customer table has not"),
        ({"contact": {"allowed": {"ok": "marketin = 'yes'"}}}, r"\[contact\] allowed\.ok = .*; did you mean 'marketing'\?; its columns are .*born"),
        ({"exclusions": {"risky": "probability > 0.5"}}, "the column 'probability'"),
        ({"economics": {"value": "100 * probability"}}, "the column 'probability'"),
        ({"hold_out": {"never": {"all": "true; drop table customers"}}}, "is not an SQL expression"),
        ({"exclusions": {"two": "marketing in (select 'yes')"}}, "holds a subquery"),
        ({"exclusions": {"file": "(select count(*) from read_csv('/etc/passwd')) > 0"}}, "holds a subquery"),
        ({"exclusions": {"file": "read_text('/etc/passwd') = ''"}}, r"calls read_text\(\)"),
        ({"exclusions": {"late": "born < now()"}}, r"calls now\(\): expected functions of one row .* the column as_of"),
        ({"exclusions": {"late": "born < current_date"}}, "the column 'current_date'"),
        ({"exclusions": {"luck": "random() < 0.5"}}, r"calls random\(\)"),
        ({"exclusions": {"many": "sum(spent) > 5"}}, r"calls sum\(\)"),
        ({"exclusions": {"many": "row_number() over () > 5"}}, "holds a window"),
        ({"exclusions": {"all": "*"}}, "holds a star"),
    ],
)  # fmt: skip
def test_what_is_no_expression_over_one_customer_is_refused_before_the_work(
    study: Callable[..., Study], sections: dict[str, Any], said: str
) -> None:
    with pytest.raises(ExpressionWrong, match=said):
        require_expressions(study(**sections))


@pytest.mark.parametrize(
    ("sections", "said"),
    [
        ({"contact": {"allowed": {"rich": "spent"}}}, r"\[contact\] allowed\.rich = 'spent' gives DOUBLE, expected true or false"),
        ({"contact": {"allowed": {"odd": "spent::varchar::date > as_of"}}}, "cannot be evaluated: .*date"),
        ({"economics": {"value": "marketing"}}, r"\[economics\] value = 'marketing' gives VARCHAR, expected a number"),
        ({"economics": {"value": "spent - 500"}}, r"gives -400: expected a finite number of 0 or more, found 1 others, first 'ann'"),
        ({"contact": {"allowed": {"calm": "open_cases = 0"}}}, "the column 'open_cases'"),
    ],
)  # fmt: skip
def test_what_gives_something_else_than_asked_is_refused(
    study: Callable[..., Study], sections: dict[str, Any], said: str
) -> None:
    with pytest.raises(ExpressionWrong, match=said):
        worth(study(**sections))


def test_a_profile_that_nobody_has_is_not_known_of_anybody(study: Callable[..., Study]) -> None:
    assert np.isnan(values_of(units(study(economics={"value": "nobody_has_it"})))).all()


@pytest.mark.parametrize(
    ("key", "value"), [("capacity", 0), ("contact_cost", -1), ("offer_cost", -0.5), ("value", -3), ("save_rate", 1.5)]
)
def test_no_room_and_negative_amounts_are_refused(study: Callable[..., Study], key: str, value: float) -> None:
    with pytest.raises(ProjectFileError, match=rf"economics\.{key}"):
        study(economics={key: value})


def test_columns_are_read_from_whatever_an_expression_is_made_of() -> None:
    text = "case when a between 1 and b then upper(c) in ('X', d) else not (e is null or f::date < as_of - interval 3 day) end"
    assert columns_used(Asked("here", text)) == {"a", "b", "c", "d", "e", "f", "as_of"}
