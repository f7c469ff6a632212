"""Records of any tool, by the rules of a mapping file: interactions, people and profiles."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter
from typing import Any

from tenure.pipelines.catalogue import CHANNELS, DIRECTIONS
from tenure.pipelines.importers.documents import Document
from tenure.pipelines.importers.interaction import Interaction
from tenure.pipelines.importers.mapped.mapping import MappingFile, Rule, Where, at_path
from tenure.pipelines.importers.staging import Staging, Table, Unreadable
from tenure.pipelines.importers.steps import Fact, Merge, Person
from tenure.pipelines.importers.tool import Reading, Tool
from tenure.pipelines.importers.values import flag, identifier, moment, number, text

NO_RULE = "no rule of the mapping is about it"
WORDS = {"channel": CHANNELS, "direction": DIRECTIONS}


class MappedReader:
    """Applies a mapping to records; its interactions go straight into the table of incoming rows."""

    def __init__(self, mapping: MappingFile, incoming: Table) -> None:
        self._mapping, self._incoming = mapping, incoming
        self.kinds: Counter[str] = Counter()

    def read(self, document: Document, staging: Staging, reading: Reading) -> None:
        """Take one record apart by every rule that is about it."""
        if not isinstance(document.record, dict):
            raise Unreadable("expected a record with named values")
        rules = [
            rule
            for rule in self._mapping.rule
            if rule.about(document.file) and document.collection in ("", rule.records)
        ]
        matching = [rule for rule in rules if rule.holds(document.record)]
        if not matching:
            staging.skip(NO_RULE if not rules else "meets the conditions of no rule")
        for rule in matching:
            self._apply(rule, document, staging, reading)

    def _apply(self, rule: Rule, document: Document, staging: Staging, reading: Reading) -> None:
        values = {name: where.look_up(document.record) for name, where in rule.columns.items()}
        zone = rule.timezone or reading.timezone
        if rule.into == "people":
            staging.add(*_person(values, zone))
        elif rule.into == "profiles":
            staging.add(*_fact(values, zone, reading, staging))
        else:
            self._interaction(rule, values, zone, document.record, staging, reading)

    def _interaction(
        self, rule: Rule, values: dict[str, Any], zone: str | None, record: Any, staging: Staging, reading: Reading
    ) -> None:
        kind = identifier(values.get("kind"))
        if kind is None:
            staging.skip("a kind that the mapping leaves out")
            return
        row = _row(rule, values, kind, zone, record, reading)
        ours = identifier(values.get("customer_id"))
        if ours:
            staging.add(Person(row.external_id or ours, external_id=ours))
        self.kinds[kind] += 1
        said = staging.short(row.text)
        self._incoming.add(row._replace(text=said).as_row(), characters=len(said or ""))


def tool_of(mapping: MappingFile, reader: MappedReader) -> Tool:
    """The tool that a mapping describes."""
    lists = frozenset(rule.records for rule in mapping.rule if rule.records)
    return Tool(name=mapping.name, collections=lists, read=reader.read, over=frozenset())


def _row(rule: Rule, values: dict[str, Any], kind: str, zone: str | None, record: Any, reading: Reading) -> Interaction:
    occurred = moment(values.get("occurred_at"), zone=zone)
    who = identifier(values.get("external_id")) or identifier(values.get("customer_id"))
    if occurred is None:
        raise Unreadable("occurred_at is missing")
    if who is None:
        raise Unreadable("no customer")
    known = moment(values.get("known_at"), zone=zone) or occurred
    if known < occurred:
        raise Unreadable("known_at is before occurred_at")
    for name, words in WORDS.items():
        word = identifier(values.get(name))
        if word is not None and word not in words:
            raise Unreadable(f"unknown {name} {word!r}: give it a table of `words`")
    attributes = {
        label: said
        for label, path in rule.attributes.items()
        if not reading.ours.holds(path.rpartition(".")[2]) and (said := text(_plain(at_path(record, path), reading)))
    }
    numbers: dict[str, Any] = {
        name: _number(name, values, rule.columns) for name in ("amount", "wait_seconds", "handle_seconds", "rating")
    }
    ids: dict[str, Any] = {
        name: identifier(values.get(name))
        for name in ("case_id", "agent_id", "team_id", "contract_id", "product_id", "channel", "direction")
    }
    return Interaction(
        interaction_id=identifier(values.get("interaction_id")) or _print(kind, values),
        external_id=who,
        occurred_at=occurred,
        known_at=known,
        due_at=moment(values.get("due_at"), zone=zone),
        retracted=flag(values.get("retracted"), otherwise=False),
        kind=kind,
        text=text(values.get("text")),
        attributes=attributes or None,
        sequence=0,
        **ids,
        **numbers,
    )  # fmt: skip


def _plain(value: Any, reading: Reading) -> Any:
    """A list of tags as words, without ours."""
    return " ".join(reading.ours.without([str(v) for v in value])) if isinstance(value, list) else value


def _number(name: str, values: dict[str, Any], columns: dict[str, Where]) -> float | None:
    given = values.get(name)
    if given is None or given == "":
        return None
    found, where = number(given), columns[name]
    if found is None:
        raise Unreadable(f"{name} is not a number")
    if where.low is not None and where.high is not None:
        found = (found - where.low) / (where.high - where.low)
    if name == "rating" and not 0 <= found <= 1:
        raise Unreadable("rating is outside 0 to 1: give its scale by `low` and `high`")
    if name.endswith("_seconds") and found < 0:
        raise Unreadable(f"{name} is negative")
    return found


def _print(kind: str, values: dict[str, Any]) -> str:
    """An id from the content, for records that have none: the same record has it again."""
    parts = [kind, *(f"{name}={values[name]!r}" for name in sorted(values) if name != "known_at")]
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:24]


def _person(values: dict[str, Any], zone: str | None) -> list[Person | Merge]:
    who, ours = identifier(values.get("external_id")), identifier(values.get("customer_id"))
    if who is None:
        raise Unreadable("a person without external_id")
    since: dt.datetime | None = moment(values.get("known_at"), zone=zone)
    if since is not None and ours:
        return [Merge(who, ours, since), Person(ours, external_id=ours)]
    return [Person(who, external_id=ours, email=text(values.get("email")))]


def _fact(values: dict[str, Any], zone: str | None, reading: Reading, staging: Staging) -> list[Fact]:
    who, name, value = (identifier(values.get(k)) for k in ("external_id", "name", "value"))
    if who is None or name is None:
        raise Unreadable("a profile without external_id or name")
    if reading.ours.holds(name):
        staging.skip("written by Tenure itself")
        return []
    return [Fact(who, name, value, moment(values.get("occurred_at"), zone=zone))] if value else []
