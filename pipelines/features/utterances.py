"""Utterances: the rows that hold something to read, with the signals that a fitted state reads out of them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tenure.models.text_model import TextModel
from tenure.pipelines.features.column import State
from tenure.pipelines.features.folds import folds, folds_of
from tenure.pipelines.history.history import History, View
from tenure.pipelines.history.log import FIXED_POINT, MISSING, Ints, Log, Mask
from tenure.pipelines.text.signals import SIGNALS, all_signals

OURS = ("message_out", "callback_promised", "followed_up", "campaign_sent", "offer_made")
"""Kinds that are written by us where no direction is given."""

Learnt = tuple[State | None, ...]


@dataclass(frozen=True)
class Utterances:
    """Rows of customers and of agents.

    Customers' rows have the log-odds of each signal (`tone` and so on), a flag for each (`tone_is`,
    1 where it is rather so) and `characters`; agents' rows have the flag `apology`.
    """

    customers: Log
    agents: Log


def by_agents(history: History, log: Log) -> Mask:
    """Which rows are ours: outbound ones, and of those without direction the kinds only we write."""
    directions = {name: code for code, name in enumerate(history.directions)}
    direction = log.values["direction"]
    ours = np.isin(log.values["kind"], [history.kinds.index(kind) for kind in OURS if kind in history.kinds])
    outbound = direction == directions.get("outbound", -2)
    return outbound | (ours & (direction != directions.get("inbound", -2)))


def utterances(history: History, learnt: Learnt) -> Utterances:
    """The utterances of a history, read once for each state."""
    key = ("utterances", tuple(map(id, learnt)))
    _, found = history.rows.once(key, lambda: (learnt, _read(history, learnt)))  # the states stay, so do their ids
    return found


def text_of_row(history: History) -> Ints:
    """The place of each row's text, -1 where there is nothing to read."""
    return history.rows.values.get("text", np.full(len(history.rows), -1, dtype=np.int64))


def _read(history: History, learnt: Learnt) -> Utterances:
    log = history.rows.where("said", lambda: text_of_row(history) >= 0)
    ours = by_agents(history, log)
    text = log.values.get("text", np.empty(0, dtype=np.int64))
    fold = history.rows.once("folds", lambda: folds_of(history.customer_ids))
    signals = _signals(history, log, np.where(ours, -1, fold[log.unit_of_row()]), learnt)
    letters = np.array([len(words) for words in history.texts.texts], dtype=np.int64)
    values = {"text": text}
    for place, name in enumerate(SIGNALS):
        fixed = np.rint(np.nan_to_num(signals[:, place]) * FIXED_POINT).astype(np.int64)
        unknown = np.isnan(signals[:, place])
        values[name] = np.where(unknown, MISSING, fixed)
        values[f"{name}_is"] = np.where(unknown, MISSING, (fixed > 0) * FIXED_POINT)
    values["characters"] = letters[text] * FIXED_POINT
    values["apology"] = history.texts.apology[text].astype(np.int64) * FIXED_POINT
    whole = replace(log, values=values, _derived={})
    return Utterances(whole.where("customers", lambda: ~ours), whole.where("agents", lambda: ours))


def _signals(history: History, log: Log, fold: Ints, learnt: Learnt) -> NDArray[np.float64]:
    """The log-odds of customers' rows, rows x signals: by the state learnt without the person, else by anchors."""
    found, text = np.full((len(log), len(SIGNALS)), np.nan), log.values.get("text", np.empty(0, dtype=np.int64))
    theirs = np.flatnonzero(fold >= 0)
    if len(history.texts.anchors):
        found[theirs] = history.texts.anchors[text[theirs]]
    for hand, state in enumerate(learnt):
        rows = np.flatnonzero(fold == hand)
        if state is None or not len(rows):
            continue
        distinct, place = np.unique(text[rows], return_inverse=True)
        read = all_signals(TextModel.from_arrays(state), [history.texts.texts[number] for number in distinct])[place]
        found[rows] = np.where(np.isnan(read), found[rows], read)
    return found


def told(view: View, learnt: Learnt, name: str) -> Mask:
    """For which units of a view a signal is learnt."""
    folds_with = [f for f, state in enumerate(learnt) if state is not None and name in map(str, state["names"])]
    return np.isin(folds(view), folds_with)
