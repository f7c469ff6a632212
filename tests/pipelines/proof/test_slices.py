"""By what customers are divided: only what was known on the date, and never a group of a handful."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from tenure.pipelines.decisions.customers import Units
from tenure.pipelines.examples.study import Study
from tenure.pipelines.lake.importing import import_sources
from tenure.pipelines.proof.slices import LEAST_UNITS, MOST_GROUPS, REST, divide
from tenure.pipelines.settings.load import parse_project
from tenure.pipelines.store.engine import open_store

DAY = dt.date(2024, 6, 10)
PEOPLE = [f"p{n:03d}" for n in range(60)]


@pytest.fixture
def study(tmp_path):
    """Sixty customers: half write e-mails in Polish and half call; a third is in every region."""
    rows = ["customer_id,occurred_at,kind,channel,text"]
    for n, person in enumerate(PEOPLE):
        channel, text = ("email", "Nie działa od wczoraj i nikt nie odpowiada") if n % 2 else ("phone", "")
        rows += [f"{person},2024-05-0{day}T08:00:00Z,message_in,{channel},{text}" for day in (1, 2)]
        rows += [f"{person},2024-05-03T08:00:00Z,purchase,app,"]
        rows += [f"{person},2024-06-1{day}T08:00:00Z,message_in,chat,too late" for day in range(1, 6)]
    (tmp_path / "rows.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    facts = ["customer_id,name,value,occurred_at"]
    for n, person in enumerate(PEOPLE):
        facts += [f"{person},region,r{n % 3},2024-01-01T00:00:00Z", f"{person},age,{20 + n},2024-01-01T00:00:00Z"]
        facts += [f"{person},region,later,2024-06-11T00:00:00Z", f"{person},note,n{n},2024-01-01T00:00:00Z"]
        facts += [f"{person},town,t{min(n // 4, 13)},2024-01-01T00:00:00Z"]
    (tmp_path / "facts.csv").write_text("\n".join(facts) + "\n", encoding="utf-8")
    content = {
        "project": {"name": "small"},
        "source": [
            {"name": "rows", "files": "rows.csv"},
            {"name": "facts", "files": "facts.csv", "into": "profiles"},
        ],
        "profile": {
            "region": {"role": "peer_group"},
            "age": {"type": "number", "role": "protected"},
            "town": {"role": "feature"},
        },
        "features": {"families": ["activity", "voice"]},
        "outcome": {"lapse": {"type": "inactivity", "kinds": ["purchase"], "horizon_days": 28}},
    }
    project = parse_project(content, root=tmp_path)
    now = dt.datetime(2024, 7, 1, tzinfo=dt.UTC)
    return Study.of(project, import_sources(project, now=now, store=open_store(project.data)))


def divided(study, days=None):
    figures = pd.DataFrame({} if days is None else {"days_known": days}, index=range(len(PEOPLE)))
    return divide(Units(study, DAY, pd.DataFrame({"unit_id": PEOPLE, "customer_id": PEOPLE}), figures))


def test_contacts_decide_the_channel_and_only_those_known_by_then(study):
    assert divided(study)["channel"].value_counts().to_dict() == {"email": 30, "phone": 30}


def test_the_language_is_that_of_what_was_written(study):
    found = divided(study)["language"]
    assert found.iloc[1] == "pl" and pd.isna(found.iloc[0])


def test_profiles_are_as_of_the_date_and_undeclared_ones_divide_nobody(study):
    found = divided(study)
    assert found["region"].value_counts().to_dict() == {"r0": 20, "r1": 20, "r2": 20}
    assert "note" not in found


def test_a_protected_number_divides_into_quarters(study):
    assert divided(study)["age"].value_counts().to_dict() == {
        "below 34.75": 15, "from 34.75": 15, "from 49.5": 15, "from 64.25": 15,
    }  # fmt: skip


def test_groups_of_a_handful_are_the_rest(study):
    towns = divided(study)["town"].value_counts()
    assert REST in towns and all(towns.drop(REST) >= LEAST_UNITS) and len(towns) <= MOST_GROUPS


def test_who_is_new_is_told_by_the_days_known(study):
    days = np.array([10.0] * 20 + [400.0] * 20 + [np.nan] * 20)
    assert divided(study, days)["new customers"].value_counts(dropna=False).to_dict() == {
        "under 91 days": 20, "91 days and more": 20, None: 20,
    }  # fmt: skip
