"""`[target.NAME]`: another project that takes models, such as production."""

from __future__ import annotations

from pathlib import Path

from tenure.pipelines.settings.frozen import Frozen


class Target(Frozen):
    """`[target.NAME]`: the `project` file of another project, or its folder; relative to this one."""

    project: Path
