"""The model registry: with `pyfunc.py` all that knows MLflow."""

from __future__ import annotations

import logging
import os
import re
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mlflow import MlflowClient

CHAMPION, CHALLENGER, PREVIOUS = "champion", "challenger", "previous"
EXPERIMENT = "tenure"
ARTEFACT = "artefact"
REPORT = "report"
"""The folder of a logged model that holds our artefact."""

MODEL_CODE = Path(__file__).with_name("pyfunc.py")
"""The code by which MLflow loads the artefact of a model of risk."""

EFFECT_CODE = Path(__file__).with_name("effect_pyfunc.py")
"""The same of a model of the effect of contacts."""


class NoChampion(LookupError):
    """No model version carries the alias that was asked for."""


@dataclass(frozen=True)
class Registered:
    """A registered model version and where its artefact lies on this machine."""

    name: str
    version: str
    run_id: str
    directory: Path
    tags: Mapping[str, str]

    @property
    def label(self) -> str:
        """The version as answers state it, such as `completejourney-lapse/3`."""
        return f"{self.name}/{self.version}"


class Registry:
    """The registry of one project, an MLflow store on SQLite in the project's data folder."""

    def __init__(self, data: Path) -> None:
        self._folder = data / "registry"
        self._folder.mkdir(parents=True, exist_ok=True)
        self._client = _client(self._folder)

    def register(
        self,
        name: str,
        artefact: Path,
        *,
        features: Sequence[str],
        parameters: Mapping[str, Any],
        metrics: Mapping[str, float],
        tags: Mapping[str, str],
        documents: Path | None = None,
        code: Path = MODEL_CODE,
        description: str = "",
    ) -> Registered:
        """Log one training as a run with its artefact, and register it as a new version of `name`.

        `features` are the columns of the model's input; `documents` is a folder with reports and
        plots to be kept with the run, `code` the file by which MLflow loads the artefact, `description` a sentence or
        two about the version.
        """
        client, mlflow = self._client, _quiet_mlflow()
        uri = tracking_uri(self._folder.parent)
        mlflow.set_tracking_uri(uri)
        mlflow.set_registry_uri(uri)
        with mlflow.start_run(experiment_id=self._experiment(), run_name=name, tags=dict(tags)) as run:
            _log(client, run.info.run_id, parameters, metrics)
            if documents is not None:
                client.log_artifacts(run.info.run_id, str(documents), REPORT)
            logged = _log_model(mlflow, name, artefact, features, code)
        if not client.search_registered_models(f"name = '{name}'"):
            client.create_registered_model(name)
        made = client.create_model_version(
            name, logged.model_uri, run.info.run_id, tags=dict(tags), description=description or None
        )
        return self._registered(name, made)

    def begin(self, run_name: str, *, tags: Mapping[str, str]) -> str:
        """Begin a run that others will lie below, and give its id."""
        run = self._client.create_run(self._experiment(), run_name=run_name, tags=dict(tags))
        return str(run.info.run_id)

    def note_below(
        self, parent: str, run_name: str, *, parameters: Mapping[str, Any], metrics: Mapping[str, float]
    ) -> None:
        """Log a finished run below another."""
        run = self._client.create_run(self._experiment(), run_name=run_name, tags={"mlflow.parentRunId": parent})
        _log(self._client, run.info.run_id, parameters, metrics)
        self._client.set_terminated(run.info.run_id)

    def end(self, run_id: str, *, metrics: Mapping[str, float]) -> None:
        """End a run that was begun."""
        _log(self._client, run_id, {}, metrics)
        self._client.set_terminated(run_id)

    def record(self, name: str, *, metrics: Mapping[str, float], tags: Mapping[str, str], documents: Path) -> str:
        """Log a run that registers nothing, with a folder of reports; its id."""
        client = self._client
        run = client.create_run(self._experiment(), run_name=name, tags=dict(tags))
        _log(client, run.info.run_id, {}, metrics)
        client.log_artifacts(run.info.run_id, str(documents), REPORT)
        client.set_terminated(run.info.run_id)
        return str(run.info.run_id)

    def promote(self, name: str, version: str) -> None:
        """Make a version the champion; the champion before it becomes `previous`."""
        before = self._version_with(name, CHAMPION)
        changed = before is not None and str(before.version) != version
        self.settle(name, champion=version, previous=str(before.version) if changed else None)

    def settle(self, name: str, *, champion: str, previous: str | None) -> None:
        """Let the aliases name these versions, whatever they named before; with None `previous` stays as it is.

        It may be done again, after it was interrupted anywhere.
        """
        if previous is not None and previous != champion:
            self._client.set_registered_model_alias(name, PREVIOUS, previous)
        self._client.set_registered_model_alias(name, CHAMPION, champion)
        challenger = self._version_with(name, CHALLENGER)
        if challenger is not None and str(challenger.version) == champion:
            self._client.delete_registered_model_alias(name, CHALLENGER)

    def challenge(self, name: str, version: str) -> None:
        """Make a version the challenger."""
        self._client.set_registered_model_alias(name, CHALLENGER, version)

    def with_alias(self, name: str, alias: str = CHAMPION) -> Registered:
        """The version that carries an alias; `NoChampion` with the remedy where there is none."""
        version = self._version_with(name, alias)
        if version is None:
            raise NoChampion(f"no version of model {name!r} is {alias!r}; `tenure train` fits and registers one")
        return self._registered(name, version)

    def version(self, name: str, number: str) -> Registered:
        """A version by its number."""
        found = self._client.search_model_versions(f"name = '{name}'")
        match = next((v for v in found if str(v.version) == number), None)
        if match is None:
            known = ", ".join(sorted(str(v.version) for v in found)) or "none"
            raise NoChampion(f"model {name!r} has no version {number}; it has {known}")
        return self._registered(name, match)

    def newest(self, name: str) -> Registered | None:
        """The version that was registered last, whatever became of it; None before the first."""
        found = self._client.search_model_versions(f"name = '{name}'")
        return self._registered(name, max(found, key=lambda one: int(one.version))) if found else None

    def named(self, name: str, text: str) -> Registered:
        """The version that somebody means: by its number, its label such as `shop-lapse/3`, or an alias."""
        if text.endswith(".toml") or (Path(text) / "tenure.toml").is_file():
            raise NoChampion(f"{text!r} is a project, not a version; name the version first, such as `champion {text}`")
        head, _, last = text.rpartition("/")
        if last.isdigit() and head in ("", name):
            return self.version(name, last)
        return self.with_alias(name, text)

    def note(self, registered: Registered, *, tags: Mapping[str, str], metrics: Mapping[str, float]) -> None:
        """Add tags to a version, and metrics to the run it came from."""
        for key, value in tags.items():
            self._client.set_model_version_tag(registered.name, registered.version, key, value)
        _log(self._client, registered.run_id, {}, metrics)

    def versions(self, name: str) -> list[str]:
        """The numbers of all versions of a model, the first of them first."""
        found = self._client.search_model_versions(f"name = '{name}'")
        return sorted((str(version.version) for version in found), key=int)

    def documents(self, registered: Registered) -> Path | None:
        """The folder of the reports kept with the training of a version, None where it kept none."""
        if not self._client.list_artifacts(registered.run_id, REPORT):
            return None
        return Path(self._client.download_artifacts(registered.run_id, REPORT))

    def metrics(self, registered: Registered) -> dict[str, float]:
        """What was measured when a version was trained, such as `risk.roc_auc`."""
        return dict(self._client.get_run(registered.run_id).data.metrics)

    def bring_up_to_date(self) -> None:
        """Migrate the registry's own tables where a release of MLflow changed them."""
        from mlflow.store.db import utils  # what `mlflow db upgrade` calls

        database: Any = utils
        engine = database.create_sqlalchemy_engine_with_retry(tracking_uri(self._folder.parent))
        database._upgrade_db(engine)
        engine.dispose()

    def _version_with(self, name: str, alias: str) -> Any:
        found = self._client.search_registered_models(f"name = '{name}'")
        number = found[0].aliases.get(alias) if found else None
        return None if number is None else self._client.get_model_version(name, number)

    def _registered(self, name: str, version: Any) -> Registered:
        logged = self._folder / "artifacts" / "models" / version.source.rpartition("/")[2]
        directory = logged / "artifacts" / "artifacts" / ARTEFACT
        return Registered(name, str(version.version), version.run_id, directory, dict(version.tags))

    def _experiment(self) -> str:
        """The experiment whose runs lie in this folder; a project that was copied or moved begins one of its own."""
        place = str((self._folder / "artifacts").resolve())
        experiments = self._client.search_experiments()
        here = next((e for e in experiments if e.artifact_location == place), None)
        if here is not None:
            return str(here.experiment_id)
        taken = any(e.name == EXPERIMENT for e in experiments)
        return str(self._client.create_experiment(f"{EXPERIMENT} {place}" if taken else EXPERIMENT, place))


def model_name(project: str, outcome: str) -> str:
    """The registered name of an outcome's model.

    >>> model_name("shop", "lapse")
    'shop-lapse'
    """
    return f"{project}-{outcome}"


def effect_name(project: str, outcome: str) -> str:
    """The registered name of the model of what contacts change about an outcome.

    >>> effect_name("shop", "lapse")
    'shop-lapse-effect'
    """
    return f"{model_name(project, outcome)}-effect"


def registry_file(data: Path) -> Path:
    """The database of a project's registry, which is made by the first training."""
    return data.resolve() / "registry" / "mlflow.sqlite"


def tracking_uri(data: Path) -> str:
    """Where MLflow keeps the runs of a project, for `mlflow ui --backend-store-uri`."""
    return f"sqlite:///{registry_file(data)}"


def _client(folder: Path) -> MlflowClient:
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("MLFLOW_ALLOW_PICKLE_DESERIALIZATION", "false")
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")  # it would draw where there is tqdm
    from mlflow import MlflowClient  # only who registers or promotes waits for this import

    for name in ("mlflow", "alembic"):
        logging.getLogger(name).setLevel(logging.WARNING)
    return MlflowClient(tracking_uri=tracking_uri(folder.parent), registry_uri=tracking_uri(folder.parent))


def _quiet_mlflow() -> Any:
    """MLflow with its model flavour; importing it warns of type hints of its own."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import mlflow
        import mlflow.pyfunc
    return mlflow


def _log_model(mlflow: Any, name: str, artefact: Path, features: Sequence[str], code: Path) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it wants an example of the input, which would be somebody's data
        return mlflow.pyfunc.log_model(
            name=name,
            python_model=str(code),
            artifacts={ARTEFACT: str(artefact)},
            signature=_signature(mlflow, features),
            pip_requirements=[f"tenure=={version('tenure')}"],
        )


def _signature(mlflow: Any, features: Sequence[str]) -> Any:
    columns = [mlflow.types.ColSpec("double", name, required=False) for name in features]
    return mlflow.models.ModelSignature(inputs=mlflow.types.Schema(columns))


def _log(client: MlflowClient, run_id: str, parameters: Mapping[str, Any], metrics: Mapping[str, float]) -> None:
    from mlflow.entities import Metric, Param

    params = [Param(_key(name), str(value)[:6000]) for name, value in parameters.items()]
    numbers = [Metric(_key(name), float(value), 0, 0) for name, value in metrics.items()]
    client.log_batch(run_id, metrics=numbers, params=params)


def _key(name: str) -> str:
    return re.sub(r"[^\w\-./ ]", "_", name)
