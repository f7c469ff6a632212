"""The same rows for everybody: what may be learnt from before an origin, and who is asked about at it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import duckdb
import numpy as np
import pandas as pd

from tenure.models.feature import KEYS, Feature
from tenure.models.odds import Floats
from tenure.models.settings import RaceSettings
from tenure.models.thinning import thin
from tenure.pipelines.examples.cutoffs import training_cutoffs
from tenure.pipelines.examples.study import Study
from tenure.pipelines.examples.table import Examples, build_examples
from tenure.pipelines.proof.backtest import NothingToTest, example_dates, learned_until, race_settings, rows_to_test
from tenure.pipelines.settings.outcome import Eligible
from tenure.pipelines.sources.quoting import literal, literals

OWN = "own_history"
"""The family whose columns are for rivals alone."""

TRUTH = ["unit_id", "customer_id", "as_of", "label"]


@dataclass(frozen=True, eq=False)
class Task:
    """One fit: `training` has the keys, perhaps `weight`, the label as it was known by `until`, and all columns.

    `test` holds the units of every origin with that knowledge. Its labels are not there: they are with the judge.
    """

    study: Study
    until: dt.date
    training: pd.DataFrame
    test: pd.DataFrame
    columns: tuple[Feature, ...]
    families: Mapping[str, str]
    settings: RaceSettings
    races: dict[int, tuple[pd.DataFrame, float]] = field(default_factory=dict, repr=False)
    """What our race said by seed: several rivals are its members."""

    def features(self, *families: str) -> tuple[Feature, ...]:
        """The features of some families; of all that Tenure would use where none is named."""
        return tuple(c for c in self.columns if not families or self.families[c.name] in families)

    def ours(self, frame: pd.DataFrame) -> pd.DataFrame:
        """A frame as the race takes it: keys and features, nothing else."""
        keys = [key for key in KEYS if key in frame]
        return frame[keys + [feature.name for feature in self.features()]]

    @property
    def labels(self) -> Floats:
        """The labels of the training rows."""
        return self.training["label"].to_numpy(dtype=np.float64)

    @property
    def weights(self) -> Floats:
        """How many rows each training row stands for."""
        if "weight" in self.training:
            return self.training["weight"].to_numpy(dtype=np.float64)
        return np.ones(len(self.training))

    @cached_property
    def everybody(self) -> pd.DataFrame:
        """The own history of everyone seen by `until`, eligible or not."""
        features = self.study.project.features.model_copy(update={"families": ()})
        outcome = self.study.outcome.model_copy(update={"eligible": Eligible(ever=True)})
        project = self.study.project.model_copy(update={"features": features})
        asked = replace(self.study, project=project, outcome=outcome, cache=None)
        return build_examples(asked, {self.until}, knowledge={self.until}, processes=1).at(self.until, self.until)


@dataclass(frozen=True)
class Field:
    """All fits of a question, and what then happened: `truth` has unit, person, date and label of every test row.

    Rows are in the order of the fits, and of the origins of each.
    """

    study: Study
    examples: Examples
    origins: tuple[dt.date, ...]
    left_out: tuple[dt.date, ...] = ()

    def tasks(self) -> Iterator[Task]:
        """The fits one after the other, so that only one is in memory."""
        for until, origins in self._knowledge().items():
            families = {c.name: c.family for c in self.examples.columns if c.known_at in (None, until)}
            ours = tuple(f for f in self.examples.features(until) if families[f.name] != OWN)
            settings = race_settings(self.study, ours)
            training, _ = self.study.untreated(self.examples.training(until))
            training = thin(training, most_rows=settings.most_rows, seed=settings.seed)
            test = pd.concat([self._asked(origin, until) for origin in origins], ignore_index=True)
            yield Task(self.study, until, training, test.drop(columns=["label"]), ours, families, settings)

    @cached_property
    def truth(self) -> pd.DataFrame:
        """What happened to the units of all test rows."""
        parts = [self._asked(o, until)[TRUTH] for until, origins in self._knowledge().items() for o in origins]
        return pd.concat(parts, ignore_index=True)

    def _knowledge(self) -> dict[dt.date, list[dt.date]]:
        found: dict[dt.date, list[dt.date]] = {}
        for origin in self.origins:
            found.setdefault(learned_until(self.study, origin), []).append(origin)
        return found

    def _asked(self, origin: dt.date, until: dt.date) -> pd.DataFrame:
        return rows_to_test(self.study, self.examples, origin, until)


def the_field(study: Study, origins: Sequence[dt.date], *, processes: int = 1) -> Field:
    """Describe everything once; origins before which nothing can be learnt are left out."""
    for origin in origins:
        study.require_mature(origin)
    anchor = max(origins, default=study.watermark)
    usable = tuple(o for o in sorted(origins) if training_cutoffs(study, learned_until(study, o), anchor))
    if not usable:
        raise NothingToTest(f"outcome {study.name!r}: before no origin is there anything to learn from")
    cutoffs, knowledge = example_dates(study, usable)
    examples = build_examples(study, cutoffs, knowledge=knowledge, processes=processes)
    return Field(study, examples, usable, tuple(o for o in sorted(origins) if o not in usable))


def by_origin(frame: pd.DataFrame) -> Iterator[tuple[dt.date, pd.DataFrame]]:
    """The rows of each date, in order."""
    for day, rows in frame.groupby("as_of", sort=True):
        yield pd.Timestamp(str(day)).date(), rows


def known_rows(study: Study, until: dt.date) -> pd.DataFrame:
    """Interactions that had happened and were known by the midnight at which `until` begins, and stood then."""
    snapshot, zone = study.snapshot, literal(study.project.timezone)
    paths = [snapshot.interactions(bucket) for bucket in range(snapshot.buckets)]
    unit = "contract_id" if study.outcome.unit == "contract" else "customer_id"
    now = f"timezone({zone}, timestamp {literal(str(until))})"
    where = [f"occurred_at < {now}", f"known_at <= {now}", f"superseded_at > {now}", f"{unit} is not null"]
    with duckdb.connect(config={"threads": 1}) as engine:
        engine.execute("set TimeZone = 'UTC'")
        return engine.sql(
            f"select {unit} as unit_id, timezone({zone}, occurred_at) as moment, kind, amount "
            f"from read_parquet({literals(path for path in paths if path.is_file())}) "
            f"where {' and '.join(where)} order by unit_id, moment, kind, amount"
        ).df()
