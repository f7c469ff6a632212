"""Contacts made from the desk: refused with people of the hold-out, and logged as actions with everybody else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from tenure.pipelines.decisions.action import Action
from tenure.pipelines.live.timeline import Happening
from tenure.pipelines.store.actions import Kept, take_actions
from tenure.pipelines.store.caring import CareError
from tenure.pipelines.store.hold_outs import held_out_among
from tenure.serving.board import Board
from tenure.serving.problems import Refusal

NAMED = 3


@dataclass(frozen=True)
class Contact:
    """What a form says of a contact; empty where nothing is said."""

    channel: str = ""
    playbook: str = ""
    offer: str = ""
    result: str = ""


def refuse_held_out(board: Board, outcome: str, customers: Sequence[str]) -> None:
    """Refuse where any of the customers is in the hold-out."""
    with board.published(outcome) as (connection, found):
        reach = board.reach(connection, found)
        held = held_out_among(connection, found.score_set_id, reach.draw, customers)
    if held:
        named = ", ".join(sorted(held)[:NAMED]) + (f" and {len(held) - NAMED} more" if len(held) > NAMED else "")
        said = (
            f"{named}: in the hold-out until {reach.until}, so that it can be told what contacts do; do not contact "
            "them on our own account. If they write, help as always. Nothing was changed; a note can be written"
        )
        raise Refusal(409, "held-out", said)


def log_contacts(board: Board, outcome: str, customers: Sequence[str], contact: Contact, *, who: str) -> None:
    """Keep a contact with each of the customers as an action; before the first hold-out there is none to keep."""
    with board.published(outcome) as (connection, found):
        if board.reach(connection, found).draw is None:
            return
    now = board.now()
    said = {name: value or None for name, value in vars(contact).items()}
    wanted = [Action(at=now, outcome=outcome, customer_id=name, who=who, **said) for name in dict.fromkeys(customers)]
    rejected = take_actions(board.engine, board.settings.project, wanted, now=now, whole=True).rejected
    if rejected:
        raise CareError(rejected[0].why)


def as_happening(one: Kept) -> Happening:
    """An action as a line of a customer's history."""
    told = [f"offered {one.offer}" if one.offer else None, (one.result or "").replace("_", " ") or None]
    told.append("in the hold-out at the time" if one.held_out else None)
    return Happening(
        occurred_at=one.at.replace(tzinfo=dt.UTC),
        source=one.who,
        kind="contact_by_us",
        channel=one.channel,
        amount=one.cost,
        rating=None,
        case_id=None,
        product_id=one.playbook,
        text="; ".join(part for part in told if part) or None,
        live=False,
    )
