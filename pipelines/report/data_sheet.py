"""The data sheet of a snapshot: what the data hold, where they come from, what was done to them, what they may do."""

from __future__ import annotations

from tenure.pipelines.examples.study import Study
from tenure.pipelines.lake.snapshot import SourceSummary
from tenure.pipelines.report.sheet import Grid, Section, Sheet
from tenure.pipelines.report.words import timeless_notes
from tenure.pipelines.settings.source import Source

SHEET = "data-sheet"
SOURCE = "Gebru et al. (2021), Datasheets for Datasets"
ROLE_SAYS = {
    "feature": "the model may learn from it",
    "peer_group": "customers are compared with others of the same",
    "value": "says what a customer is worth",
    "display": "is shown to people",
    "protected": "is never a feature unless allowed, and is watched in reports",
    "permission": "decides whom one may contact",
}


def data_sheet(study: Study) -> Sheet:
    """The sheet of the snapshot a study is of."""
    snapshot = study.snapshot
    return Sheet(
        kind="Data sheet",
        title=f"{study.project.name}, snapshot {snapshot.snapshot_id}",
        lead=f"{snapshot.rows:,} interactions of {snapshot.customers:,} customers, complete until {study.watermark} "
        f"as far as {study.name} needs them.",
        source=SOURCE,
        sections=(
            Section(
                "Motivation",
                (
                    f"The history of a company's own customers, kept so that it can be told who will need attention: "
                    f"outcomes {', '.join(study.project.outcome)}.",
                ),
            ),
            _composition(study),
            _collection(study),
            _preprocessing(study),
            _uses(study),
            Section(
                "Distribution and maintenance",
                (
                    "The rows stay in the project's data folder and its store; no model, report or sheet holds any. "
                    "Every import makes a new snapshot, and the older ones go as nobody reads them any more.",
                ),
                {"Snapshot": snapshot.snapshot_id, "Fingerprint": snapshot.fingerprint},
            ),
        ),
    )


def _composition(study: Study) -> Section:
    rows = tuple(_row(source) for source in study.snapshot.sources)
    kinds: dict[str, int] = {}
    for source in study.snapshot.sources:
        for kind, count in source.kinds.items():
            kinds[kind] = kinds.get(kind, 0) + count
    largest = tuple((kind, f"{count:,}") for kind, count in sorted(kinds.items(), key=lambda one: (-one[1], one[0])))
    grids = [Grid(("Source", "Becomes", "Rows", "Refused", "First", "Last", "Complete until", "Known customers"), rows)]
    if largest:
        grids.append(Grid(("Kind", "Interactions"), largest))
    profiles = tuple((name, p.type, p.role, ROLE_SAYS[p.role]) for name, p in sorted(study.project.profile.items()))
    if profiles:
        grids.append(Grid(("Profile", "Type", "Role", "Which means"), profiles))
    return Section(
        "Composition", ("A row is something that happened, or a dated fact about a customer.",), {}, tuple(grids)
    )


def _row(source: SourceSummary) -> tuple[str, ...]:
    refused = sum(source.quarantined.values())
    why = ", ".join(f"{reason}: {count:,}" for reason, count in sorted(source.quarantined.items()))
    matched = "" if source.matched_share is None else f"{source.matched_share:.1%}"
    days = [str(moment.date()) if moment else "" for moment in (source.first, source.last)]
    return (
        source.name,
        source.into,
        f"{source.rows:,}",
        f"{refused:,}{f' ({why})' if why else ''}",
        *days,
        str(source.complete_until),
        matched,
    )


def _collection(study: Study) -> Section:
    return Section(
        "Collection",
        (
            "Each source is mapped by one SQL select of the project file. What is used of a row as of a date had "
            "happened and was known by then; a later version counts from when it became known.",
            *timeless_notes(study),
        ),
        {source.name: _origin(source) for source in study.project.source},
    )


def _origin(source: Source) -> str:
    told = [f"files {', '.join(name for names in source.files.values() for name in names)}"] if source.files else []
    told += ["delivered live"] if source.live else []
    told += [f"PostgreSQL table {source.table}"] if source.postgres else []
    return "; ".join(told)


def _preprocessing(study: Study) -> Section:
    collapsed = sum(source.collapsed for source in study.snapshot.sources)
    gaps = ", ".join(f"{gap.source} {gap.start} to {gap.end}" for gap in study.project.gap)
    return Section(
        "Preprocessing",
        (
            "Times are instants in UTC, days are those of the project's time zone. Rows that do not fit are kept apart "
            "with the reason, never silently dropped.",
        ),
        {
            "Exact repeats of a row with an id, counted once": f"{collapsed:,}",
            "Declared gaps": gaps or "none",
            "Time zone": study.project.timezone,
            "Texts": "read once at import into signals" if "voice" in study.project.features.families else "not read",
        },
    )


def _uses(study: Study) -> Section:
    features = study.project.features
    own = f" and own modules {', '.join(features.modules)}" if features.modules else ""
    return Section("Uses", (f"Feature families {', '.join(features.families)}{own}; labels of {study.name}.",))
