"""The sections about alerts: what cannot be meant is refused with the key and the remedy."""

from __future__ import annotations

from pathlib import Path

import pytest
from shop import project_text

from tenure.pipelines.settings.load import ProjectFileError, load_project


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[alerts]\nkinds = ["level", "level"]', "alerts.kinds = ['level', 'level']: names one of them twice"),
        ("[alerts]\nmargin = 0.06", "alerts: margin = 0.06 must be below least_rise = 0.05"),
        ('[alerts]\nkinds = ["level"]\nmargin = 0.3', "alerts.margin = 0.3 must be below the lowest of its bands, 0.25"),
        ("[alerts]\na_day = 0", "alerts.a_day = 0"),
        ('[alerts]\nnobody = "a@b.c\\r\\nBcc: x@y.z"', "alerts.nobody"),
        ('[alerts.smtp]\nhost = "mail"', "alerts.smtp.from: is missing; add it"),
        ('[alerts]\nmargins = 0.01', "alerts.margins: is not a known key; did you mean 'margin'?"),
    ],
)  # fmt: skip
def test_a_mistake_is_named(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "tenure.toml"
    file.write_text(f"{project_text()}\n{text}\n")
    with pytest.raises(ProjectFileError) as raised:
        load_project(file)
    assert said in str(raised.value)
