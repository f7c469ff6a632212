"""The models in use: a champion for each outcome, its artefact whole, its golden cases as they were."""

from __future__ import annotations

from collections.abc import Iterator

from tenure.models.preflight import PreflightFailed, preflight
from tenure.pipelines.registry import NoChampion, Registered, Registry, model_name, registry_file
from tenure.pipelines.scoring.golden import COMMAND
from tenure.pipelines.settings.project import Project
from tenure.serving.doctor.finding import Finding, State


def models_whole(project: Project, served: dict[str, str]) -> Iterator[Finding]:
    """The champion of each outcome, and the model of the served set where that is another one.

    `served` are the model versions of the published sets by outcome.
    """
    if not registry_file(project.data).is_file():
        yield Finding("model", "fail", "nothing was trained yet", "run `tenure train`")
        return
    registry = Registry(project.data)
    for outcome in project.outcome:
        grave: State = "fail" if outcome == project.primary_outcome or outcome in served else "warn"
        try:
            champion = registry.with_alias(model_name(project.name, outcome))
        except NoChampion as error:
            yield Finding(f"model of {outcome}", grave, str(error), "run `tenure train`")
        else:
            yield _tried(outcome, champion)
            if served.get(outcome, champion.label) != champion.label:
                yield from _other(registry, outcome, served[outcome])


def _other(registry: Registry, outcome: str, label: str) -> Iterator[Finding]:
    name, _, number = label.rpartition("/")
    said = f"the served scores of {outcome} are of {label}, which is no longer the champion"
    yield Finding(f"model of {outcome}", "warn", said, "run `tenure run --again`")
    try:
        yield _tried(outcome, registry.version(name, number))
    except NoChampion as error:
        yield Finding(f"model of {outcome}", "fail", str(error), "run `tenure run --again`")


def _tried(outcome: str, model: Registered) -> Finding:
    name = f"model of {outcome}"
    try:
        said = preflight(model.directory, command=COMMAND)
    except PreflightFailed as error:
        remedy = "bring it back from a backup, or run `tenure train` and `tenure score`"
        return Finding(name, "fail", f"{model.label}: {error}", remedy)
    return Finding(name, "ok", f"{model.label}: {said}")
