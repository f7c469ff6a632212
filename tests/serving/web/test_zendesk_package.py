"""The app for Zendesk has what its validator asks for, and points at our panel."""

from __future__ import annotations

import io
import json
import struct
import zipfile
from pathlib import Path

import pytest
from command import tenure
from small import FROM_A_FILE

PANEL = '[panel.zendesk]\norigin = "https://acme.zendesk.com"\n'
PUBLIC = '[service]\npublic_url = "https://tenure.example.com/risk/"\n'


def written(folder: Path, *sections: str) -> Path:
    (folder / "tenure.toml").write_text(FROM_A_FILE + "".join(sections))
    return folder


def test_the_package_points_a_tickets_sidebar_at_our_panel(tmp_path: Path) -> None:
    made = tenure("zendesk", "package", written(tmp_path, PANEL, PUBLIC), "--out", tmp_path / "app.zip")
    assert made.code == 0, made.err
    assert "public_key in [panel.zendesk]" in made.said
    with zipfile.ZipFile(io.BytesIO((tmp_path / "app.zip").read_bytes())) as held:
        assert held.testzip() is None
        assert sorted(held.namelist()) == [
            "assets/logo-small.png", "assets/logo.png", "manifest.json", "translations/en.json",
        ]  # fmt: skip
        manifest = json.loads(held.read("manifest.json"))
        logo, small = held.read("assets/logo.png"), held.read("assets/logo-small.png")
        words = json.loads(held.read("translations/en.json"))
    place = {"url": "https://tenure.example.com/risk/panel/zendesk", "flexible": True}
    assert manifest["location"] == {"support": {"ticket_sidebar": place}}
    assert (manifest["frameworkVersion"], manifest["signedUrls"]) == ("2.0", True)
    assert set(words["app"]) >= {"short_description", "long_description", "installation_instructions"}
    assert [struct.unpack(">II", image[16:24]) for image in (logo, small)] == [(320, 320), (128, 128)]


def test_the_same_project_gives_the_same_bytes(tmp_path: Path) -> None:
    folder = written(tmp_path, PANEL, PUBLIC)
    for name in ("a.zip", "b.zip"):
        tenure("zendesk", "package", folder, "--out", tmp_path / name)
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


@pytest.mark.parametrize(
    ("sections", "message"),
    [
        ((PUBLIC,), "add [panel.zendesk] origin"),
        ((PANEL,), "must begin with https, is none"),
        ((PANEL, PUBLIC.replace("https:", "http:")), "must begin with https, is http://tenure.example.com/risk/"),
    ],
)
def test_what_the_project_file_lacks_is_said(tmp_path: Path, sections: tuple[str, ...], message: str) -> None:
    refused = tenure("zendesk", "package", written(tmp_path, *sections), "--out", tmp_path / "app.zip")
    assert refused.code == 1
    assert message in refused.said
