"""Every set and every rival on the same rows, in one table.

    python tests/benchmarks/accuracy/run.py [--set NAME ...] [--rival NAME ...] [--development] [--seeds 5] --out FOLDER

A set is a project file of `tests/projects` or of the demo, named by its file (`NAME`), or one of its outcomes
(`NAME/OUTCOME`); a set whose data are not there is reported as absent. Every rival learns from the same training
examples, whose labels had come to pass before the origin, and is asked about the same units. It writes `accuracy.json`
and `accuracy.md`; a run on report origins is entered in `tests/benchmarks/ledger.jsonl`. `--development` uses the origins for work.
`--peer PYTHON` is an interpreter with Featuretools, FLAML and pandas 2; left out, one is set up for the run where a
rival needs it. `--sample SHARE` asks about a share of the customers only.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # this folder is the package `accuracy`

from accuracy import buying, ours, simple, survival, trees
from accuracy.figures import compared
from accuracy.own_history import NAMES
from accuracy.peers import Peer
from accuracy.rival import NotApplicable, Rival, Said
from accuracy.rows import Field, Task, the_field
from accuracy.sets import Absent, opened, origins_of, project_files, questions
from accuracy.tables import enter, page
from tenure.models.odds import Floats
from tenure.pipelines.examples.study import Study
from tenure.pipelines.outcomes.sentence import definition
from tenure.pipelines.proof.backtest import NothingToTest

LEDGER = Path(__file__).resolve().parents[1] / "ledger.jsonl"
RIVALS: tuple[Rival, ...] = (*ours.RIVALS, *simple.RIVALS, *trees.RIVALS, *buying.RIVALS, *survival.RIVALS)


def main(words: Sequence[str] | None = None) -> dict[str, Any]:
    """Run what was asked for, and write it down."""
    asked = _arguments().parse_args(words)
    command = told(sys.argv[1:] if words is None else words)
    which = "development" if asked.development else "report"
    content: dict[str, Any] = {"which": which, "command": command, "questions": []}
    asked.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="peer-") as folder:
        chosen = _chosen(asked.rival, Peer(asked.peer, Path(folder)))
        _run(asked, chosen, content)
    if not asked.development and asked.sample == 1.0:
        enter(LEDGER, content, today=dt.date.today())
    return content


def told(words: Sequence[str]) -> str:
    """The command as others would give it: without the places of this machine.

    >>> told(["--seeds", "5", "--out", "/some/where"])
    'python tests/benchmarks/accuracy/run.py --seeds 5 --out FOLDER'
    """
    places = {"--out": "FOLDER", "--peer": "PYTHON"}
    said = [places.get(before, word) for before, word in zip(["", *words], words, strict=False)]
    return " ".join(["python tests/benchmarks/accuracy/run.py", *said])


def _run(asked: argparse.Namespace, chosen: Sequence[Rival], content: dict[str, Any]) -> None:
    """Add every question to the content, which is written after each."""
    files = project_files()
    for name, outcomes in questions(asked.set, files).items():
        with tempfile.TemporaryDirectory(prefix="accuracy-") as scratch:
            try:
                for study in opened(files[name], Path(scratch), outcomes, sample=asked.sample):
                    found = question(study, chosen, development=asked.development, seeds=asked.seeds)
                    content["questions"].append({"set": name, "outcome": study.name, **found})
                    _write(asked.out, content)
            except Absent as missing:
                content["questions"].append({"set": name, "absent": str(missing)})
                _write(asked.out, content)


def question(study: Study, rivals: Sequence[Rival], *, development: bool, seeds: int) -> dict[str, Any]:
    """Everybody's figures for one outcome."""
    started = time.perf_counter()
    try:
        field = the_field(study, origins_of(study, development=development))
    except NothingToTest as reason:
        return {"absent": str(reason)}
    described = time.perf_counter() - started
    answers, rows = answered(field, rivals, seeds=seeds)
    if ours.OURS not in answers:
        return {"absent": rows[ours.OURS]["not_run"]}
    figures = compared(study, field.truth, answers)
    labels = field.truth["label"]
    return {
        "definition": definition(study.name, study.outcome),
        "origins": sorted({str(day.date()) for day in field.truth["as_of"]}),
        "left_out": [str(day) for day in field.left_out],
        "rows": len(labels),
        "persons": int(field.truth["customer_id"].nunique()),
        "positives": int(labels.sum()),
        "features": len(field.examples.features(max(field.examples.fitted))) - len(NAMES),
        "sample": study.sample,
        "seeds": seeds,
        "seconds_to_describe": round(described, 1),
        "rivals": {name: {**row, **figures.get(name, {})} for name, row in rows.items()},
    }


def answered(
    field: Field, rivals: Sequence[Rival], *, seeds: int
) -> tuple[dict[str, list[Floats]], dict[str, dict[str, Any]]]:
    """Every rival's probabilities in the order of `field.truth`, an array a seed; and its seconds and notes.

    Seconds are those of all fits of a seed, the median over seeds. Who cannot be asked at one origin is left out.
    """
    said: dict[str, list[list[Said]]] = {rival.name: [] for rival in rivals}
    refused: dict[str, str] = {}
    for task in field.tasks():
        for rival in rivals:
            print(f"{field.study.project.name}/{field.study.name} {task.until}: {rival.name}", file=sys.stderr)
            try:
                asked = range(seeds if rival.drawn else 1) if rival.name not in refused else ()
                said[rival.name].append([ask(rival, task, task.settings.seed + seed) for seed in asked])
            except NotApplicable as reason:
                refused[rival.name] = f"at {task.until}: {reason}"
    answers: dict[str, list[Floats]] = {}
    rows: dict[str, dict[str, Any]] = {name: {"not_run": refused[name]} for name in refused}
    for name, fits in said.items():
        if name in refused:
            continue
        by_seed = list(zip(*fits, strict=True))
        answers[name] = [np.concatenate([part.probabilities for part in parts]) for parts in by_seed]
        seconds = float(np.median([sum(part.seconds or 0.0 for part in parts) for parts in by_seed]))
        notes = [part.note for part in by_seed[0] if part.note]
        rows[name] = {"seconds": round(seconds, 2), "note": "; ".join(dict.fromkeys(notes))}
    return answers, {rival.name: rows[rival.name] for rival in rivals}


def ask(rival: Rival, task: Task, seed: int) -> Said:
    """One rival at one fit, with the seconds it took."""
    started = time.perf_counter()
    said = rival.ask(task, seed)
    if said.probabilities.shape != (len(task.test),):
        raise ValueError(f"{rival.name}: expected {len(task.test)} probabilities, found {said.probabilities.shape}")
    return said if said.seconds is not None else said._replace(seconds=time.perf_counter() - started)


def _chosen(names: Sequence[str] | None, peer: Peer) -> list[Rival]:
    """The rivals asked for; ours is always among them, since all others are compared with it."""
    every = {rival.name: rival for rival in (*RIVALS, *peer.rivals())}
    unknown = sorted(set(names or ()) - set(every))
    if unknown:
        raise SystemExit(f"--rival {unknown[0]}: there is no such rival; there are {', '.join(every)}")
    return [rival for name, rival in every.items() if not names or name in {*names, ours.OURS}]


def _write(folder: Path, content: dict[str, Any]) -> None:
    (folder / "accuracy.json").write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    (folder / "accuracy.md").write_text(page(content), encoding="utf-8")


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--set", action="append", help="a set, or one of its outcomes as SET/OUTCOME; may be repeated")
    parser.add_argument("--rival", action="append", help="a rival; may be repeated")
    parser.add_argument("--development", action="store_true", help="the origins on which one works")
    parser.add_argument("--peer", help="an interpreter with Featuretools and FLAML")
    parser.add_argument("--seeds", type=int, default=5, help="seeds whose median is told")
    parser.add_argument("--sample", type=float, default=1.0, help="the share of customers asked about")
    parser.add_argument("--out", type=Path, required=True, help="where accuracy.json and accuracy.md are written")
    return parser


if __name__ == "__main__":
    main()
