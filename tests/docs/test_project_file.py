"""The project file in the README: every block is one, and every table is complete."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, get_args

import pytest
import readme
from pydantic import BaseModel

from tenure.models.verdict import Name
from tenure.pipelines.catalogue import KINDS
from tenure.pipelines.settings.alerts import Alerts, Smtp
from tenure.pipelines.settings.decisions import Contact, Economics, HoldOut
from tenure.pipelines.settings.desk import Chatwoot, Desk, Panel, Playbook, Zendesk
from tenure.pipelines.settings.features import Features
from tenure.pipelines.settings.hooks import Hook
from tenure.pipelines.settings.load import load_project, parse_project
from tenure.pipelines.settings.login import Login
from tenure.pipelines.settings.model import Model
from tenure.pipelines.settings.monitor import Monitor
from tenure.pipelines.settings.outcome import Cancellation, Decline, Dissatisfaction, Eligible, Expression, Inactivity
from tenure.pipelines.settings.privacy import Privacy
from tenure.pipelines.settings.project import About, Project
from tenure.pipelines.settings.promotion import GateRules, Retrain
from tenure.pipelines.settings.retention import Retention
from tenure.pipelines.settings.service import Service
from tenure.pipelines.settings.source import Gap, Profile, Source
from tenure.pipelines.settings.spark import Spark
from tenure.pipelines.settings.store import Store
from tenure.pipelines.settings.study import Backtest, Bands, Fairness
from tenure.pipelines.settings.target import Target
from tenure.pipelines.settings.text import Text
from tenure.pipelines.settings.write_back import ChatwootField, WriteBack, ZendeskField
from tenure.pipelines.sources.mapping import tenure_columns
from tenure.pipelines.store.score_rows import STATUSES

OUTCOMES = (Inactivity, Decline, Cancellation, Dissatisfaction, Expression)
SECTIONS: dict[str, tuple[type[BaseModel], ...]] = {
    "[project]": (About,),
    "[[source]]": (Source,),
    "[[gap]]": (Gap,),
    "[profile]": (Profile,),
    "[outcome.NAME]": OUTCOMES,
    "eligible": (Eligible,),
    "[features]": (Features,),
    "[text]": (Text,),
    "[spark]": (Spark,),
    "[store]": (Store,),
    "[service]": (Service,),
    "[desk]": (Desk,),
    "[panel]": (Panel,),
    "[panel.zendesk]": (Zendesk,),
    "[panel.chatwoot]": (Chatwoot,),
    "[[playbook]]": (Playbook,),
    "[login]": (Login,),
    "[hooks.NAME]": (Hook,),
    "[write_back]": (WriteBack,),
    "[write_back.zendesk]": (ZendeskField,),
    "[write_back.chatwoot]": (ChatwootField,),
    "[model]": (Model,),
    "[backtest]": (Backtest,),
    "[bands]": (Bands,),
    "[economics]": (Economics,),
    "[hold_out]": (HoldOut,),
    "[contact]": (Contact,),
    "[exclusions]": (),
    "[alerts]": (Alerts,),
    "[alerts.smtp]": (Smtp,),
    "[monitor]": (Monitor,),
    "[gate]": (GateRules,),
    "[retrain]": (Retrain,),
    "[target.NAME]": (Target,),
    "[fairness]": (Fairness,),
    "[privacy]": (Privacy,),
    "[retention]": (Retention,),
}


def test_the_project_shown_loads_and_has_every_type_of_outcome(shop: Path) -> None:
    project = load_project(shop / "tenure.toml")
    assert {outcome.type for outcome in project.outcome.values()} == {
        kind for model in OUTCOMES for kind in get_args(model.model_fields["type"].annotation)
    }


@pytest.mark.parametrize("text", [b.text for b in readme.blocks("toml") if b.text not in readme.files().values()])
def test_a_part_shown_fits_into_the_project(text: str) -> None:
    whole = tomllib.loads(readme.files()["tenure.toml"])
    parse_project(_joined(whole, tomllib.loads(text)), root=Path())


def _joined(whole: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    return whole | {
        k: whole.get(k, type(v)()) + v if isinstance(v, list) else whole.get(k, {}) | v for k, v in part.items()
    }


@pytest.mark.parametrize("section", SECTIONS)
def test_the_table_of_keys_is_complete(section: str) -> None:
    rows = {readme.names(row[0])[0]: readme.names(row[1]) for row in readme.table("keys")}
    known = {field.alias or name for model in SECTIONS[section] for name, field in model.model_fields.items()}
    assert set(rows[section]) == known
    assert set(rows) == set(SECTIONS)


def test_every_section_of_a_project_file_is_in_the_table() -> None:
    shown = {name.strip("[]").removesuffix(".NAME").partition(".")[0] for name in SECTIONS}
    assert set(Project.model_fields) - {"root"} == shown - {"eligible"}


def test_the_table_of_columns_is_complete() -> None:
    shown = [name for row in readme.table("columns") for name in readme.names(row[0])]
    assert sorted(shown) == sorted(tenure_columns("interactions"))


def test_every_kind_status_and_verdict_is_named() -> None:
    assert readme.names(readme.section("kinds")) == list(KINDS)
    assert readme.names(readme.section("statuses")) == list(STATUSES)
    assert [readme.names(row[0]) for row in readme.table("verdicts")] == [[name] for name in get_args(Name)]
