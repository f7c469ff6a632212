"""`tenure compare`: two models on the same later rows, and their scores of the served date side by side."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Annotated, Any

import typer
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from tenure.models.preflight import preflight
from tenure.pipelines.lake.snapshot import current_snapshot
from tenure.pipelines.promotion.changing import served_now
from tenure.pipelines.promotion.comparing import Contender, compare
from tenure.pipelines.registry import CHALLENGER, CHAMPION, Registry, model_name
from tenure.pipelines.scoring.golden import COMMAND
from tenure.pipelines.scoring.model import open_model
from tenure.pipelines.settings.load import load_project
from tenure.pipelines.store.connections import reading
from tenure.pipelines.store.engine import project_store
from tenure.pipelines.store.gate_decisions import decisions
from tenure.serving.cli.console import results, step
from tenure.serving.cli.opening import DEFAULT, AsJson, Config, Opened, OutcomeName
from tenure.serving.cli.shadow import compared

METRICS = {
    "roc_auc": ("ROC AUC", 4), "average_precision": ("average precision", 4), "brier": ("Brier score", 4),
    "log_loss": ("log loss", 4), "calibration_error": ("calibration error", 4),
    "expected_profit": ("expected profit", 0), "realised_profit": ("profit that came", 0),
}  # fmt: skip
"""The metrics in words, and how many digits of each are shown; of the middle three less is better."""


def compare_command(
    one: Annotated[str, typer.Argument(help="A version such as 3, or an alias.")] = CHALLENGER,
    other: Annotated[str, typer.Argument(help="The version or alias it is compared with.")] = CHAMPION,
    config: Config = DEFAULT,
    outcome: OutcomeName = None,
    as_json: AsJson = False,
) -> None:
    """Compare two models on dates after both have learned, and their scores of the date that is served."""
    project = load_project(config)
    store = project_store(project)
    opened = Opened(project, store, current_snapshot(project, store))
    study = opened.study(outcome)
    registry, name = Registry(project.data), model_name(project.name, study.name)
    contenders = []
    for said in (one, other):
        registered = registry.named(name, said)
        preflight(registered.directory, command=COMMAND)
        contenders.append(Contender(registered, open_model(registered.directory)))
    with step("comparing both on later dates", quiet=as_json) as work:
        content = compare(study, contenders[0], contenders[1], work.progress)
        work.summary = f"compared at {len(content['dates'])} later dates"
    content["scores"] = _scores(opened, study, contenders)
    with reading(store) as connection:
        last = decisions(connection, study.name, candidate=contenders[0].registered.label, limit=1)
    content["gate"] = {"decision": last[0].decision, "sentence": last[0].sentence} if last else None
    if as_json:
        results.print_json(json.dumps(content))
    else:
        results.print(comparison_table(content))


def _scores(opened: Opened, study: Any, contenders: list[Contender]) -> dict[str, Any] | None:
    """The scores of the date that is served by both, where one of the models is served and the other scored it too."""
    served = served_now(opened.store, study.name)
    labels = [one.registered.label for one in contenders]
    if served is None or served.model_version not in labels:
        return None
    other = contenders[1 - labels.index(served.model_version)]
    return compared(opened, study, served, other.registered)


def comparison_table(content: dict[str, Any]) -> Group:
    """The comparison as a person reads it."""
    return Group(*_parts(content))


def _parts(content: dict[str, Any]) -> Iterator[RenderableType]:
    for model in (content["one"], content["other"]):
        yield Text(f"{model['model']}: {model['definition']}", style="italic")
        yield Text(f"learned from labels until {model['learned_until']}, verdict {model['verdict']!r}", style="dim")
    if content["fresh"]:
        yield Text(f"No figures yet: {content['fresh']}.", style="yellow")
    elif content["same_definition"]:
        yield _differences(content)
    else:
        yield _on_labels(content)
    if content["dates"]:
        share, room = content["overlap_at_capacity"], content["capacity"]
        yield Text(f"Of {room} contacts {share:.0%} are on both lists. {content['customers']:,} examples at "
                   f"{len(content['dates'])} dates, {content['dates'][0]} to {content['dates'][-1]}.")  # fmt: skip
    if content["scores"] and content["scores"]["units"]:
        found = content["scores"]
        overlap = (
            "" if found["overlap"] is None else f", {found['overlap']:.0%} of {found['room']} contacts are the same"
        )
        yield Text(
            f"Scores as of {found['as_of']}: {found['band_changed']:.1%} of {found['units']:,} units are in another "
            f"band{overlap}; mean risk {found['mean_risk'][0]:.3f} served, {found['mean_risk'][1]:.3f} by "
            f"{found['other']}."
        )
    if content["gate"]:
        yield Text(f"The gate of {content['one']['model']}: {content['gate']['sentence']}", style="dim")


def _differences(content: dict[str, Any]) -> Table:
    table = _table(content["one"]["model"], content["other"]["model"], "difference")
    for name, (said, digits) in METRICS.items():
        found = content["differences"][name]
        if found["one"] is None:
            continue
        told = f"{found['difference']:+,.{digits}f}"
        if found["low"] is not None:
            told += f" ({found['low']:+,.{digits}f} to {found['high']:+,.{digits}f})"
        table.add_row(said, f"{found['one']:,.{digits}f}", f"{found['other']:,.{digits}f}", told)
    return table


def _on_labels(content: dict[str, Any]) -> Table:
    """Both models on both labels."""
    table = _table(content["one"]["model"], content["other"]["model"])
    for label in ("one", "other"):
        for name, said, digits in (
            ("roc_auc", "ROC AUC", 3),
            ("hits", "found on the list", 1),
            ("money", "money at the cut", 0),
        ):
            cells = (content["on_labels"][model][label][name] for model in ("one", "other"))
            whose = content[label]["model"]
            table.add_row(f"{said}, label of {whose}", *("-" if v is None else f"{v:,.{digits}f}" for v in cells))
    return table


def _table(*titles: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("mean of the dates", no_wrap=True)
    for title in titles:
        table.add_column(title, justify="right", no_wrap=True)
    return table
