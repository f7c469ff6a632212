"""The registry: versions, aliases, and a project folder that may be copied or moved."""

from __future__ import annotations

import shutil

import pytest

from tenure.pipelines.registry import CHALLENGER, PREVIOUS, NoChampion, Registry

pytestmark = pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy")

NAME = "shop-lapse"


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    """The data folder of an empty registry; making its database takes seconds, so it is only copied."""
    data = tmp_path_factory.mktemp("registry") / "data"
    Registry(data)
    return data


@pytest.fixture
def data(empty, tmp_path):
    """A data folder with an empty registry."""
    return shutil.copytree(empty, tmp_path / "data")


def register(registry, folder, text):
    artefact = folder / text / "artefact"
    artefact.mkdir(parents=True)
    (artefact / "model.txt").write_text(text)
    return registry.register(
        NAME, artefact, features=["x"], parameters={"seed": 1}, metrics={"risk.roc_auc": 0.8}, tags={"digest": text}
    )


def test_a_version_keeps_its_artefact_and_its_tags(data, tmp_path):
    registry = Registry(data)
    made = register(registry, tmp_path, "one")
    assert (made.label, made.tags["digest"]) == ("shop-lapse/1", "one")
    assert (made.directory / "model.txt").read_text() == "one"
    assert registry.version(NAME, "1") == made
    with pytest.raises(NoChampion, match="model 'shop-lapse' has no version 7; it has 1"):
        registry.version(NAME, "7")


def test_the_champion_before_becomes_the_previous_one(data, tmp_path):
    registry = Registry(data)
    first, second = (register(registry, tmp_path, text) for text in ("one", "two"))
    registry.promote(NAME, first.version)
    registry.challenge(NAME, second.version)
    assert (registry.with_alias(NAME), registry.with_alias(NAME, CHALLENGER)) == (first, second)
    registry.promote(NAME, second.version)
    assert (registry.with_alias(NAME), registry.with_alias(NAME, PREVIOUS)) == (second, first)
    with pytest.raises(NoChampion, match="is 'challenger'; `tenure train` fits and registers one"):
        registry.with_alias(NAME, CHALLENGER)


def test_promoting_the_champion_again_keeps_the_previous_one(data, tmp_path):
    registry = Registry(data)
    first, second = (register(registry, tmp_path, text) for text in ("one", "two"))
    for version in (first, second, second):
        registry.promote(NAME, version.version)
    assert registry.with_alias(NAME, PREVIOUS) == first


def test_without_a_model_the_remedy_is_named(data):
    with pytest.raises(NoChampion, match="no version of model 'shop-lapse' is 'champion'; `tenure train`"):
        Registry(data).with_alias(NAME)


def test_a_project_given_in_the_place_of_a_version_is_told_apart(data, tmp_path, monkeypatch):
    registry = Registry(data)
    for given in ("shop/tenure.toml", str(tmp_path / "shop")):
        (tmp_path / "shop").mkdir(exist_ok=True)
        (tmp_path / "shop" / "tenure.toml").touch()
        with pytest.raises(NoChampion, match="is a project, not a version; name the version first"):
            registry.named("shop-lapse", given)
    (tmp_path / "challenger").mkdir()  # any other folder may be called as an alias is
    monkeypatch.chdir(tmp_path)
    with pytest.raises(NoChampion, match="no version of model"):
        registry.named("shop-lapse", "challenger")


def test_a_copied_project_keeps_its_models_and_writes_to_its_own_folder(data, tmp_path):
    made = register(Registry(data), tmp_path, "one")
    Registry(data).promote(NAME, made.version)
    copy = shutil.copytree(data, tmp_path / "elsewhere" / "data")
    registry = Registry(copy)
    assert registry.with_alias(NAME).directory.is_relative_to(copy)
    second, third = (register(registry, tmp_path / "second", text) for text in ("two", "three"))
    for version in (second, third):
        assert version.directory.is_relative_to(copy)
        assert (version.directory / "model.txt").is_file()
    assert len(list((data / "registry" / "artifacts" / "models").iterdir())) == 1
