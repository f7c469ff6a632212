"""The whole project file as one frozen object."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator, model_validator

from tenure.pipelines.settings.alerts import Alerts
from tenure.pipelines.settings.decisions import Conditions, Contact, Economics, HoldOut
from tenure.pipelines.settings.desk import Desk, Panel, Playbook
from tenure.pipelines.settings.features import Features
from tenure.pipelines.settings.frozen import Frozen, Name
from tenure.pipelines.settings.hooks import Hook, ToolName
from tenure.pipelines.settings.login import Login
from tenure.pipelines.settings.model import Model
from tenure.pipelines.settings.monitor import Monitor
from tenure.pipelines.settings.outcome import AnyOutcome, Outcomes
from tenure.pipelines.settings.privacy import Privacy
from tenure.pipelines.settings.promotion import GateRules, Retrain
from tenure.pipelines.settings.retention import Retention, days_needed
from tenure.pipelines.settings.service import Service
from tenure.pipelines.settings.source import Gap, Profile, Source
from tenure.pipelines.settings.spark import Spark
from tenure.pipelines.settings.store import Store
from tenure.pipelines.settings.study import Backtest, Bands, Fairness
from tenure.pipelines.settings.target import Target
from tenure.pipelines.settings.text import Text
from tenure.pipelines.settings.write_back import WriteBack
from tenure.pipelines.settings.zones import Zone


class About(Frozen):
    """`[project]`: name, place in time, where Tenure keeps what it builds, and on how many machines it works."""

    name: Name
    timezone: Zone = "UTC"
    clock: Literal["system", "data"] = "system"
    currency: str = Field("EUR", pattern="^[A-Z]{3}$")
    primary_outcome: str | None = None
    data: Path = Path(".tenure")
    engine: Literal["local", "spark"] = "local"
    cache_gigabytes: float = Field(5.0, ge=0)


class Project(Frozen):
    """A project file, read and checked. `root` is the folder it lies in; all paths are relative to it."""

    root: Path
    project: About
    source: tuple[Source, ...] = Field(min_length=1)
    gap: tuple[Gap, ...] = ()
    profile: dict[Name, Profile] = Field(default_factory=dict)
    outcome: Outcomes = Field(min_length=1)
    features: Features = Features()
    text: Text = Text()
    model: Model = Model()
    backtest: Backtest = Backtest()
    bands: Bands = Bands()
    economics: Economics = Economics()
    hold_out: HoldOut = HoldOut()
    contact: Contact = Contact()
    exclusions: Conditions = Field(default_factory=dict)
    alerts: Alerts | None = None
    monitor: Monitor = Monitor()
    gate: GateRules = GateRules()
    retrain: Retrain = Retrain()
    target: dict[Name, Target] = Field(default_factory=dict)
    fairness: Fairness = Fairness()
    privacy: Privacy = Privacy()
    retention: Retention = Retention()
    spark: Spark = Spark()
    store: Store = Store()
    service: Service = Service()
    login: Login = Login()
    desk: Desk = Desk()
    panel: Panel = Panel()
    playbook: tuple[Playbook, ...] = ()
    write_back: WriteBack = WriteBack()
    hooks: dict[ToolName, Hook] = Field(default_factory=dict)

    @field_validator("source")
    @classmethod
    def _distinct(cls, sources: tuple[Source, ...]) -> tuple[Source, ...]:
        names = [s.name for s in sources]
        twice = sorted({n for n in names if names.count(n) > 1})
        if twice:
            raise ValueError(f"names {twice[0]!r} twice; give each source a name of its own")
        return sources

    @model_validator(mode="after")
    def _names_meet(self) -> Project:
        known = {s.name for s in self.source}
        for gap in self.gap:
            if gap.source not in known:
                raise ValueError(f"gap: source {gap.source!r} is none of {', '.join(sorted(known))}")
        self._hooks_have_sources()
        if self.project.engine == "spark" and self.spark.master is None:
            raise ValueError('project.engine = "spark" needs the cluster: [spark] master = "spark://HOST:7077"')
        self._bands_can_be_left()
        self._permission_is_one()
        self._kept_long_enough()
        primary = self.project.primary_outcome
        if primary is not None and primary not in self.outcome:
            raise ValueError(f"project.primary_outcome = {primary!r} is none of the outcomes {', '.join(self.outcome)}")
        return self

    def _bands_can_be_left(self) -> None:
        lowest = min((getattr(self.bands, name) for name in self.alerts.bands), default=1.0) if self.alerts else 1.0
        if self.alerts is not None and self.alerts.margin >= lowest:
            raise ValueError(
                f"alerts.margin = {self.alerts.margin:g} must be below the lowest of its bands, {lowest:g}"
            )

    def _permission_is_one(self) -> None:
        name = self.privacy.permission
        role = "none" if name is None or name not in self.profile else self.profile[name].role
        if name is not None and role != "permission":
            raise ValueError(
                f'privacy.permission = {name!r}: its [profile] has the role {role}; declare it with role = "permission"'
            )

    def _kept_long_enough(self) -> None:
        windows = self.features.windows_days
        needed = max(days_needed(outcome, self.backtest, windows) for outcome in self.outcome.values())
        wrong = self.retention.too_short(needed)
        if wrong is not None:
            raise ValueError(wrong)

    def _hooks_have_sources(self) -> None:
        live = [s.name for s in self.source if s.live]
        taken: set[str] = set()
        for tool, hook in self.hooks.items():
            if hook.source not in live:
                raise ValueError(
                    f"hooks.{tool}.source = {hook.source!r} is no live source; add `live = true` to its [[source]]"
                )
            if hook.source in taken:
                raise ValueError(f"hooks.{tool}.source = {hook.source!r} is that of another tool; give each its own")
            taken.add(hook.source)

    @property
    def name(self) -> str:
        """The project's name."""
        return self.project.name

    @property
    def timezone(self) -> str:
        """The zone in which days begin."""
        return self.project.timezone

    @property
    def data(self) -> Path:
        """The folder of lake, store, registry and artefacts."""
        return self.root / self.project.data

    @property
    def primary_outcome(self) -> str:
        """The outcome of flag and list: the declared one, else the first."""
        return self.project.primary_outcome or next(iter(self.outcome))

    def outcome_named(self, name: str | None) -> tuple[str, AnyOutcome]:
        """The outcome called `name`, or the primary one; `UnknownOutcome` when there is none."""
        chosen = name or self.primary_outcome
        if chosen not in self.outcome:
            close = get_close_matches(chosen, self.outcome, n=1)
            hint = f"did you mean {close[0]!r}?" if close else f"it has {', '.join(self.outcome)}"
            raise UnknownOutcome(f"outcome {chosen!r} is not in the project file; {hint}")
        return chosen, self.outcome[chosen]


class UnknownOutcome(ValueError):
    """An outcome was asked for that the project file does not define."""
