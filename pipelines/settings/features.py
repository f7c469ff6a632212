"""`[features]`: which families are computed, over which windows and for which kinds."""

from __future__ import annotations

from pydantic import Field, model_validator

from tenure.pipelines.settings.frozen import Frozen, Names


class Features(Frozen):
    """Which feature families are computed, over which windows, and for which kinds.

    A kind gets columns of its own when `min_customers` customers have it, or when it is in
    `always_kinds`. `modules` are feature files of the project, relative to the project file.
    """

    families: Names = (
        "activity", "rhythm", "money", "repeat_buying", "service", "voice", "contract", "profile", "company",
    )  # fmt: skip
    windows_days: tuple[int, ...] = (7, 28, 91, 364)
    min_customers: int = Field(50, ge=1)
    always_kinds: Names = ()
    max_kinds: int = Field(24, ge=1)
    modules: Names = ()

    @model_validator(mode="after")
    def _rising(self) -> Features:
        if not self.windows_days or list(self.windows_days) != sorted({d for d in self.windows_days if d > 0}):
            raise ValueError(f"`windows_days` must rise from above 0, found {list(self.windows_days)}")
        return self
