"""What the project file counts on: secrets in the environment, names that fit together, room, private keys."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from tenure.pipelines.access.secret import readable_by_others
from tenure.pipelines.settings.project import Project
from tenure.pipelines.settings.service import Service
from tenure.serving.doctor.finding import Finding
from tenure.serving.environment import secret_of

LEAST_BYTES, FEW_BYTES = 200_000_000, 2_000_000_000
"""Room below which nothing works any more, and below which an import may not."""


def secrets_named(project: Project) -> Iterator[Finding]:
    """Every environment variable that the project file names holds something."""
    named = {f"[[source]] {s.name}: postgres": s.postgres for s in project.source}
    named |= {"[store] postgres": project.store.postgres, "[login] client_secret": project.login.client_secret}
    named |= {f"[hooks.{tool}] secret": hook.secret for tool, hook in project.hooks.items()}
    named |= {f"[write_back.{tool}] token": field.token for tool, field in project.write_back.tools.items()}
    wanted = {where: variable for where, variable in named.items() if variable}
    missing = {where: variable for where, variable in wanted.items() if not secret_of(variable)}
    for where, variable in missing.items():
        remedy = f"set {variable} where tenure is started, by you, by cron and by systemd alike"
        yield Finding("secrets", "fail", f"{where} names {variable}, which is not set here", remedy)
    if not missing:
        yield Finding("secrets", "ok", f"{len(wanted)} environment variables named, all set")


def names_fit(project: Project) -> Iterator[Finding]:
    """The names under which others call the service can work together."""
    found = list(_misfits(project.service, provider=project.login.issuer is not None))
    if found:
        yield from found
    elif project.service.names:
        yield Finding("names", "ok", f"called {', '.join(project.service.names)}")
    else:
        yield Finding("names", "ok", "for this machine only: no hosts, no public_url")


def _misfits(service: Service, *, provider: bool) -> Iterator[Finding]:
    odd = [host for host in service.hosts if not host or (set(host) & set("/:@* ") and not host.startswith("["))]
    if odd:
        remedy = "write names alone, without scheme, port or path, such as tenure.example.com"
        yield Finding("names", "fail", f"[service] hosts has {odd[0]!r}, which no request will ever match", remedy)
    if service.public_url is not None and not service.secure:
        remedy = "let the proxy speak https, and write https:// into public_url"
        yield Finding("names", "warn", f"{service.public_url} is not encrypted, so cookies are not either", remedy)
    if service.base and not service.proxies:
        remedy = 'if a proxy in front sends X-Forwarded-Host, add trusted_proxies = ["127.0.0.1"], or its address'
        yield Finding("names", "warn", f"public_url has the path {service.base} and no proxy is trusted", remedy)
    if service.proxies and not service.names:
        remedy = 'add hosts = ["tenure.example.com"] or public_url'
        yield Finding("names", "fail", "trusted_proxies are named, but no name under which they may ask", remedy)
    if provider and service.public_url is None:
        remedy = "add [service] public_url, and register its /login/back at the provider"
        yield Finding("names", "warn", "[login] issuer leads people back to whatever name they came by", remedy)


def keys_private(data: Path) -> Iterator[Finding]:
    """Nobody but their owner reads the secrets of the project."""
    open_ones = readable_by_others(data)
    for place in open_ones:
        mode = "700" if place.is_dir() else "600"
        said = f"{place} has mode {place.stat().st_mode & 0o777:o}; others may read it"
        yield Finding("keys folder", "fail", said, f"chmod {mode} {place}")
    if not open_ones:
        held = "private" if (data / "keys").is_dir() else "not made yet"
        yield Finding("keys folder", "ok", f"{data / 'keys'} is {held}")


def room(data: Path, *, snapshot_bytes: int) -> Iterator[Finding]:
    """There is room for the next import, which writes a snapshot beside the one in use."""
    there = next(place for place in (data, *data.resolve().parents) if place.exists())
    free = shutil.disk_usage(there).free
    said = f"{free / 1e9:,.1f} GB free for {data}; the last snapshot has {snapshot_bytes / 1e9:,.1f} GB"
    remedy = "make room, or let [project] data name a folder on a larger disk"
    if free < max(LEAST_BYTES, snapshot_bytes):
        yield Finding("disk", "fail", said, remedy)
    elif free < max(FEW_BYTES, 3 * snapshot_bytes):
        yield Finding("disk", "warn", said, remedy)
    else:
        yield Finding("disk", "ok", said)
