"""Who may call, and the record of who did."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from tenure.pipelines.access.audit import ChainBroken, verify_chain
from tenure.pipelines.access.keys import all_keys
from tenure.pipelines.access.people import all_people
from tenure.serving.doctor.finding import Finding, Patient, days

SOON = dt.timedelta(days=14)
"""How long before its end a key is named."""


def audit_whole(patient: Patient) -> Finding:
    """No entry of the audit log was changed, removed or put in."""
    try:
        count, digest = verify_chain(patient.store)
    except ChainBroken as error:
        remedy = "somebody changed the record: compare it with a backup (`tenure restore` into a new folder)"
        return Finding("audit log", "fail", str(error), remedy)
    return Finding("audit log", "ok", f"{count:,} entries, none touched; the last digest is {digest[:12]}...")


def keys_last(patient: Patient) -> Iterator[Finding]:
    """No key ends within two weeks, and whoever is let in from outside has one."""
    keys = [key for key in all_keys(patient.store).values() if key.valid(patient.moment)]
    ending = [key for key in keys if key.expires_at is not None and key.expires_at - patient.moment < SOON]
    for key in ending:
        assert key.expires_at is not None
        left = (key.expires_at - patient.moment).days
        said = f"{key.name}/{key.key_id} ends in {days(left)}, on {key.expires_at:%Y-%m-%d}"
        yield Finding("keys", "warn", said, f"run `tenure key rotate {key.key_id}`, and give out the new one")
    people = [person for person in all_people(patient.store).values() if person.disabled_at is None]
    if patient.project.service.names and not keys and not people:
        remedy = "run `tenure key create` or `tenure user add`"
        yield Finding("keys", "warn", "names for others are given, and nobody has a key or may log in", remedy)
    elif not ending:
        yield Finding("keys", "ok", f"{len(keys)} keys and {len(people)} people; none of the keys ends soon")
