"""A project file is read into frozen objects, or each mistake is named with key, value and remedy."""

from __future__ import annotations

import datetime as dt

import pytest
from pydantic import ValidationError
from shop import ORIGINS, project_text

from tenure.pipelines.inspection.template import blank_project
from tenure.pipelines.settings.load import ProjectFileError, load_project
from tenure.pipelines.settings.project import UnknownOutcome


@pytest.fixture
def load(tmp_path):
    """Read a project file with this text."""

    def load(text):
        (tmp_path / "tenure.toml").write_text(text)
        return load_project(tmp_path)

    return load


def test_what_is_read_is_frozen_and_knows_where_it_lies(load, tmp_path):
    project = load(project_text())
    assert (project.name, project.primary_outcome, project.timezone) == ("shop", "lapse", "UTC")
    assert project.data == tmp_path / ".tenure"
    assert project.backtest.origins == ORIGINS
    with pytest.raises(ValidationError, match="frozen"):
        project.features = None


def test_the_blank_project_file_can_be_read(load):
    assert list(load(blank_project()).outcome) == ["lapse"]


def test_the_primary_outcome_is_the_first_where_none_is_named(load):
    text = project_text().replace('primary_outcome = "lapse"\n', "")
    assert load(text).outcome_named(None)[0] == "lapse"
    with pytest.raises(UnknownOutcome, match="'laps' is not in the project file; did you mean 'lapse'"):
        load(text).outcome_named("laps")


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("horizon_days = 28", "horizon_days = 0", "outcome.lapse.horizon_days = 0: .* greater than or equal to 1"),
        ("horizon_days = 28", "", "outcome.lapse.horizon_days: is missing; add it"),
        ("horizon_days = 28", "horizon = 28", "outcome.lapse.horizon: is not a known key; did you mean 'horizon_days'"),
        ('kinds = ["purchase"]', 'kinds = ["message_out"]', "message_out is written by the company"),
        ('type = "inactivity"', 'type = "silence"', "outcome.lapse.type = 'silence'.*'inactivity'"),
        ('clock = "data"', 'clock = "mine"', "project.clock = 'mine'"),
        ('clock = "data"', 'timezone = "Europe/Warsow"', "project.timezone = 'Europe/Warsow'"),
        ('clock = "data"', 'currency = "euro"', "project.currency = 'euro'"),
        ('primary_outcome = "lapse"', 'primary_outcome = "churn"', "'churn' is none of the outcomes lapse, slump"),
        ('files = "sales.csv"', "", r"source\[sales\]: give one of `files`, `postgres`"),
        ('files = "sales.csv"', "live = true", r"source\[sales\]: a live source is of interactions; its rows come as they"),
        ('files = "sales.csv"', 'files = { delivered = "sales.csv" }\nlive = true', "give the files another"),
        ('name = "members"', 'name = "sales"', "names 'sales' twice; give each source a name of its own"),
        ("bootstraps = 40", "bootstraps = nan", "backtest.bootstraps = nan"),
        ("[backtest]", "[bands]\nhigh = 0.9\n[backtest]", "must rise: medium < high < critical, found 0.1, 0.9, 0.5"),
        ("[backtest]", "[[gap]]\nsource = 'tills'\nfrom = 2024-01-01\nuntil = 2024-01-02\n[backtest]", "'tills' is none of"),
        ("[backtest]", "[hooks.zendesk]\nsecret = 'S'\nsource = 'sales'\n[backtest]", "'sales' is no live source; add `live = true`"),
        ("[backtest]", "[hooks.zendesk]\nsecret = 'my-secret'\nsource = 'sales'\n[backtest]", "hooks.zendesk.secret = 'my-secret'"),
        ("[backtest]", "[hooks.zammad]\nsecret = 'S'\nsource = 'sales'\n[backtest]", "'zendesk' or 'chatwoot'"),
        ("[backtest]", "[backtest", "is not readable as TOML"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_key_its_value_and_the_remedy(load, before, after, said):
    text = project_text()
    assert before in text
    with pytest.raises(ProjectFileError, match=said):
        load(text.replace(before, after, 1))


def test_every_mistake_is_named_at_once(load):
    text = project_text(capacity="0", clock='"mine"')
    with pytest.raises(ProjectFileError) as refused:
        load(text)
    assert len(str(refused.value).splitlines()) == 3


def test_a_gap_must_go_forwards(load):
    gap = "[[gap]]\nsource = 'sales'\nfrom = 2024-02-01\nuntil = 2024-01-01\n"
    with pytest.raises(ProjectFileError, match=r"`until` \(2024-01-01\) must be later than `from` \(2024-02-01\)"):
        load(project_text().replace("[backtest]", gap + "[backtest]"))
    (found,) = load(project_text().replace("[backtest]", gap.replace("2024-01", "2024-03") + "[backtest]")).gap
    assert (found.start, found.end) == (dt.date(2024, 2, 1), dt.date(2024, 3, 1))


def test_a_project_file_that_is_not_there_says_what_writes_one(tmp_path):
    with pytest.raises(ProjectFileError, match="no such project file; `tenure init` writes one"):
        load_project(tmp_path / "nowhere.toml")
