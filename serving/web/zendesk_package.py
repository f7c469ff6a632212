"""The app that a Zendesk administrator installs: a ZIP that names our panel as what a ticket's sidebar shows."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

from tenure.pipelines.settings.project import Project

APP = Path(__file__).with_name("zendesk_app")
SINCE_ZIP = (1980, 1, 1, 0, 0, 0)
"""The oldest date a ZIP can hold, so that the same app gives the same bytes."""


class CannotPackage(ValueError):
    """The project file lacks what the app must say."""


def manifest(project: Project, *, version: str, email: str) -> dict[str, Any]:
    """What the app is and where its page lies; Zendesk signs the page load where the project can check that."""
    service, account = project.service, project.panel.zendesk
    if account is None:
        raise CannotPackage('the project file does not say which account; add [panel.zendesk] origin = "https://..."')
    if not service.secure or service.public_url is None:
        found = service.public_url or "none"
        raise CannotPackage(
            f"Zendesk shows encrypted pages only: [service] public_url must begin with https, is {found}"
        )
    place = {"url": f"{service.public_url.rstrip('/')}/panel/zendesk", "flexible": True}
    return {
        "name": f"Tenure: {project.name}",
        "author": {"name": project.name, "email": email},
        "defaultLocale": "en",
        "private": True,
        "location": {"support": {"ticket_sidebar": place}},
        "version": version,
        "frameworkVersion": "2.0",
        "signedUrls": True,
    }


def package(project: Project, *, version: str, email: str) -> bytes:
    """The ZIP."""
    told = json.dumps(manifest(project, version=version, email=email), indent=2)
    content = {
        "manifest.json": told.encode(),
        "translations/en.json": (APP / "translations_en.json").read_bytes(),
        "assets/logo.png": (APP / "assets" / "logo.png").read_bytes(),
        "assets/logo-small.png": (APP / "assets" / "logo-small.png").read_bytes(),
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as held:
        for name, data in content.items():
            held.writestr(zipfile.ZipInfo(name, SINCE_ZIP), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()
