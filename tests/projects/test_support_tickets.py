"""Invented support tickets, in which nothing can be found, end in `no signal`: no champion and no list."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from command import tenure

HERE = Path(__file__).resolve().parent
DATA = HERE.parents[2] / "shared" / "data" / "support_tickets_synthetic"


WITHOUT_TEXTS = """
[features]
families = ["activity", "rhythm", "repeat_buying", "service", "satisfaction", "self_service", "contract", "profile"]
"""
"""Texts are two thirds of the work; `test_nothing_is_found_in_their_texts_either` has them, and every date."""


@pytest.mark.timeout(600)
def test_no_signal_means_no_champion_and_no_list(tmp_path, require):
    text = project_file(require(DATA))
    first = text.index("2021-09-07")
    later = text[:first] + text[text.index("2021-10-19") :]  # ten of the sixteen origins, so that it takes less time
    later = later.replace("train_every_days = 7", "train_every_days = 28")
    (tmp_path / "tenure.toml").write_text(later + WITHOUT_TEXTS)
    ran = tenure("train", tmp_path, "--json")
    assert ran.code == 1, ran.err
    told = {name: value for name, value in json.loads(ran.out).items() if not name.startswith("contacts.")}
    assert told == {"model": "support_tickets-unhappy/1", "champion": False, "verdict": "no signal"}
    assert "is registered as challenger and will not be used" in " ".join(ran.err.split())
    for command, said in (("score", "is 'champion'"), ("list", "no published scores")):
        refused = tenure(command, tmp_path)
        assert (refused.code, refused.out) == (1, "")
        assert said in refused.said
    shutil.rmtree(tmp_path / ".tenure")


@pytest.mark.long
@pytest.mark.timeout(900)
def test_nothing_is_found_in_their_texts_either(tmp_path, require):
    (tmp_path / "tenure.toml").write_text(project_file(require(DATA)))
    ran = tenure("train", tmp_path, "--json")
    assert (ran.code, json.loads(ran.out)["verdict"]) == (1, "no signal"), ran.err


def project_file(data: Path) -> str:
    text = (HERE / "support_tickets.toml").read_text()
    return text.replace("../../../shared/data/support_tickets_synthetic", str(data))


DATED = """
[project]
name = "inverted"
timezone = "UTC"
clock = "data"

[[source]]
name = "tickets"
files = "{data}/tickets.csv.gz"
timezone = "UTC"
complete_until = 2024-01-01
select = \"\"\"
select "Customer Email" as customer_id, "Ticket ID" as case_id, unnest([
    {{'kind': 'contact_opened', 'occurred_at': "Date of Purchase"::timestamp}},
    {{'kind': 'message_out', 'occurred_at': "First Response Time"::timestamp}},
    {{'kind': 'resolved', 'occurred_at': "Time to Resolution"::timestamp}}
], recursive := true) from source where "Time to Resolution" is not null
\"\"\"

[outcome.silence]
type = "inactivity"
kinds = ["contact_opened"]
horizon_days = 28
"""


def test_tickets_solved_before_they_were_answered_are_counted(tmp_path, require):
    (tmp_path / "tenure.toml").write_text(DATED.format(data=require(DATA)))
    ran = tenure("check", tmp_path)
    assert ran.code == 0, ran.err
    assert "1,365 cases were solved before they were opened or first answered" in " ".join(ran.out.split()) + ran.said
