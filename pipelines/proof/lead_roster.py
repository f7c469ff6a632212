"""Who is compared, whatever the lead: the same people at every lead, and those whom none could have reached."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace

import pandas as pd

from tenure.pipelines.examples.study import Study
from tenure.pipelines.examples.table import build_examples
from tenure.pipelines.examples.workers import Progress
from tenure.pipelines.outcomes.earlier import asked_earlier, over_before
from tenure.pipelines.settings.outcome import AnyOutcome


@dataclass(frozen=True)
class Counts:
    """How many were compared, and how many were not, and why.

    `positives` are those to whom it happened, `missed` those of them to whom it happened before the window began.
    `gone` were asked about at the earliest date and not at a later one, for another reason than an end that counts;
    `came` are asked about on the day, but were not at every date before it. Of the `unknown` nobody can say what
    happened, or a contact may have changed it.
    """

    compared: int = 0
    positives: int = 0
    missed: int = 0
    gone: int = 0
    came: int = 0
    unknown: int = 0

    def __add__(self, other: Counts) -> Counts:
        """Both together."""
        return Counts(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))


@dataclass(frozen=True)
class Roster:
    """Who is compared at an origin: `rows` has `unit_id`, `customer_id`, `label`, and `missed` where it came too early.

    Whoever is missed has the label 1.
    """

    rows: pd.DataFrame
    counts: Counts

    @property
    def reached(self) -> pd.DataFrame:
        """Those about whom a list can be right or wrong."""
        return self.rows.loc[~self.rows["missed"]].reset_index(drop=True)

    @property
    def tells(self) -> bool:
        """Whether it happened to some of them and to some not."""
        return self.reached["label"].nunique() == 2


def rosters(
    study: Study,
    origins: Sequence[dt.date],
    leads: Sequence[int],
    *,
    processes: int | None = None,
    progress: Progress | None = None,
) -> dict[dt.date, Roster]:
    """Whom lists made so many days before each origin are compared on; `leads` are days, 0 among them.

    Asked about are those eligible at the earliest date. Whose contract ended between it and the window can be reached
    by no list of the origin, and is a positive that is missed. All others must be eligible at every date, for at a date
    at which they are not, no list would have named them whatever the model; and what became of them must be known.
    Whoever was contacted in a way that a label hangs on is left out at every lead.
    """
    days = {origin - dt.timedelta(lead) for origin in origins for lead in leads}
    asked = _eligible(study, study.outcome, days, processes, progress)
    longest = max(leads)
    ended = over_before(study.outcome, longest)
    early = {origin - dt.timedelta(longest) for origin in origins}
    over = {} if ended is None else _eligible(study, ended, early, processes, progress)
    return {
        origin: _roster(study, origin, leads, asked, over.get(origin - dt.timedelta(longest))) for origin in origins
    }


def _eligible(
    study: Study, outcome: AnyOutcome, days: set[dt.date], processes: int | None, progress: Progress | None
) -> Mapping[dt.date, pd.DataFrame]:
    """The eligible units of some dates with their labels, and nothing that describes them."""
    bare = study.project.features.model_copy(update={"families": (), "modules": ()})
    plain = replace(study, outcome=outcome, project=study.project.model_copy(update={"features": bare}))
    examples = build_examples(plain, days, knowledge={min(days)}, processes=processes, progress=progress)
    frame = examples.frame.set_index("unit_id")[["customer_id", "as_of", "label"]]
    return {day: frame.loc[frame["as_of"] == pd.Timestamp(day)] for day in days}


def _roster(
    study: Study,
    origin: dt.date,
    leads: Sequence[int],
    asked: Mapping[dt.date, pd.DataFrame],
    over: pd.DataFrame | None,
) -> Roster:
    at = [asked[origin - dt.timedelta(lead)] for lead in sorted(leads, reverse=True)]
    first, last = at[0], at[-1]
    missed = first.index.isin([] if over is None else over.index[over["label"] == 1.0])
    always = first.index.isin(set.intersection(*(set(frame.index) for frame in at)))
    rows = pd.DataFrame(
        {
            "customer_id": first["customer_id"],
            "as_of": first["as_of"],
            "label": last["label"].reindex(first.index).mask(missed, 1.0),
            "missed": missed,
        }
    )
    chosen = rows.loc[missed | always].reset_index()
    known = chosen.loc[chosen["label"].notna()].reset_index(drop=True)
    early = replace(study, outcome=asked_earlier(study.outcome, max(leads)))
    kept = early.untreated(known)[0][["unit_id", "customer_id", "label", "missed"]]
    counts = Counts(
        compared=len(kept),
        positives=int(kept["label"].sum()),
        missed=int(kept["missed"].sum()),
        gone=int((~missed & ~always).sum()),
        came=int((~last.index.isin(set.intersection(*(set(frame.index) for frame in at)))).sum()),
        unknown=len(chosen) - len(kept),
    )
    return Roster(kept, counts)
