"""Training: fit on everything known today, save, try it in a child process, register, promote."""

from __future__ import annotations

import datetime as dt
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tenure.models.artefact import Artefact, save
from tenure.models.fit import fit_race
from tenure.models.gate import SERVABLE
from tenure.models.preflight import preflight
from tenure.models.race import Race, recency_alone
from tenure.models.reference import reference_of
from tenure.pipelines.decisions.contacted import Corrected
from tenure.pipelines.examples.cutoffs import training_cutoffs
from tenure.pipelines.examples.study import Study
from tenure.pipelines.examples.table import Examples, build_examples
from tenure.pipelines.examples.workers import Progress
from tenure.pipelines.outcomes.sentence import definition
from tenure.pipelines.privacy.roster import keep_roster
from tenure.pipelines.proof.backtest import learned_until, race_settings
from tenure.pipelines.registry import Registered, Registry, model_name
from tenure.pipelines.report.data_sheet import SHEET, data_sheet
from tenure.pipelines.report.model_card import CARD, model_card
from tenure.pipelines.report.sheet import write_sheet
from tenure.pipelines.scoring.golden import COMMAND, golden_file
from tenure.pipelines.scoring.model import ScoringModel
from tenure.pipelines.scoring.question import Question


@dataclass(frozen=True)
class Trained:
    """A registered version, whether it became champion, and why; `corrected` is what contacts changed in its rows."""

    registered: Registered
    promoted: bool
    verdict: str
    digest: str
    corrected: Corrected


def training_date(study: Study) -> dt.date:
    """The date on whose knowledge the final model is fitted: the watermark, or `train_before`."""
    return learned_until(study, study.watermark)


def fit_final(
    study: Study, examples: Examples | None = None, progress: Progress | None = None
) -> tuple[Race, Examples, Corrected]:
    """Fit the race on all labels known by the training date, and say what was left out because of contacts."""
    until = training_date(study)
    if examples is None:
        cutoffs = set(training_cutoffs(study, until))
        examples = build_examples(study, cutoffs, knowledge={until}, progress=progress)
    features = examples.features(until)
    rows, corrected = study.untreated(examples.training(until))
    race = fit_race(rows, features=features, settings=race_settings(study, features), threads=1)
    return race, examples, corrected


def train(
    study: Study,
    *,
    verdict: str,
    proof: dict[str, Any],
    documents: Path | None = None,
    examples: Examples | None = None,
    as_challenger: bool = False,
    progress: Progress | None = None,
) -> Trained:
    """Fit the final model and register it; it becomes champion where its verdict allows that.

    `proof` is the back-test's JSON, kept in the run; into `documents`, a folder kept there too, model card and data
    sheet are written. A candidate never removes a champion unless its verdict is one of `SERVABLE`; `as_challenger`
    removes none whatever it is: the gate decides later.
    """
    race, examples, corrected = fit_final(study, examples, progress)
    if verdict == "use recency":
        race = recency_alone(race)
    until = training_date(study)
    question = Question.of(study, examples.fitted[until])
    extra = _extra(study, question, until, verdict) | {"reference": _reference(study, race, examples, until)}
    registry = Registry(study.project.data)
    with tempfile.TemporaryDirectory(dir=study.project.data, prefix=".training-") as scratch:
        directory = Path(scratch) / "artefact"
        modules = _modules(study)
        model = ScoringModel(study.project.root, Artefact(race, "", extra), question)
        digest = save(race, directory, extra=extra, attachments=modules | question.files() | golden_file(model, until))
        preflight(directory, command=COMMAND)
        if documents is not None:
            card = model_card(
                study,
                race,
                proof=proof,
                digest=digest,
                learned_until=until.isoformat(),
                examples=examples.at(max(examples.frame["as_of"]).date(), until),
                corrected=corrected,
            )
            write_sheet(card, documents, CARD)
            write_sheet(data_sheet(study), documents, SHEET)
        registered = registry.register(
            model_name(study.project.name, study.name),
            directory,
            features=[feature.name for feature in race.features],
            parameters=_parameters(study, race, until) | corrected.parameters(),
            metrics=_metrics(proof),
            tags={"verdict": verdict, "digest": digest, "snapshot": study.snapshot.snapshot_id} | _revision(),
            documents=documents,
            description=_description(study, proof),
        )
    keep_roster(study.project.data, registered.name, registered.version, examples.frame["customer_id"].unique())
    promoted = verdict in SERVABLE and not as_challenger
    (registry.promote if promoted else registry.challenge)(registered.name, registered.version)
    return Trained(registered, promoted, verdict, digest, corrected)


def _extra(study: Study, question: Question, until: dt.date, verdict: str) -> dict[str, Any]:
    return {
        "question": question.to_json(),
        "learned_until": until.isoformat(),
        "verdict": verdict,
        "project": study.project.name,
    }


def _reference(study: Study, race: Race, examples: Examples, until: dt.date) -> dict[str, Any]:
    """What later data are held against: the rows learned from, counted."""
    return reference_of(race, study.untreated(examples.training(until))[0]).to_json()


def _modules(study: Study) -> dict[str, bytes]:
    return {name: (study.project.root / name).read_bytes() for name in study.project.features.modules}


def _parameters(study: Study, race: Race, until: dt.date) -> dict[str, Any]:
    flat = {f"outcome.{k}": v for k, v in study.outcome.model_dump(mode="json").items()}
    flat |= {f"features.{k}": v for k, v in study.project.features.model_dump(mode="json").items()}
    flat |= {f"backtest.{k}": v for k, v in study.project.backtest.model_dump(mode="json").items()}
    flat |= {f"model.{k}": v for k, v in study.project.model.model_dump(mode="json").items()}
    flat |= {f"race.{k}": v for k, v in race.report.items() if not isinstance(v, dict)}
    return flat | {
        "learned_until": until,
        "data_fingerprint": study.snapshot.fingerprint,
        "features": len(race.features),
    }


def _description(study: Study, proof: dict[str, Any]) -> str:
    """What the registry says of the version: the question, and how it was answered on past dates."""
    return " ".join([f"{definition(study.name, study.outcome)}.", str(proof.get("verdict_sentence", ""))]).strip()


def _metrics(proof: dict[str, Any]) -> dict[str, float]:
    return {
        f"{model}.{metric}": found["mean"]
        for model, metrics in proof.get("summary", {}).items()
        for metric, found in metrics.items()
        if found["mean"] is not None
    }


def _revision() -> dict[str, str]:
    """The git revision of the folder one works in, where there is one."""
    git = shutil.which("git")
    if git is None:
        return {}
    found = subprocess.run([git, "rev-parse", "HEAD"], capture_output=True, text=True, check=False)
    return {"git_revision": found.stdout.strip()} if found.returncode == 0 else {}
