"""The mapping file shown in the README is one, and does what the text says."""

from __future__ import annotations

import readme

from tenure.pipelines.importers.mapped.mapping import load_mapping


def test_the_mapping_shown_loads(tmp_path):
    (block,) = readme.blocks("ini")
    file = tmp_path / "zammad.toml"
    file.write_text(block.text)
    mapping = load_mapping(file)
    assert [rule.into for rule in mapping.rule] == ["interactions", "people"]
