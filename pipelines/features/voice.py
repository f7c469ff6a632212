"""Voice: what customers' messages sound like, and how agents' messages speak to them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tenure.models.text_model import fit_text
from tenure.pipelines.features.column import Column, Context, Fitted, State, Values
from tenure.pipelines.features.folds import FOLDS
from tenure.pipelines.features.labelled import labelled
from tenure.pipelines.features.subject import SLIM_WINDOWS
from tenure.pipelines.features.utterances import told, utterances
from tenure.pipelines.history.history import View
from tenure.pipelines.history.log import Ints
from tenure.pipelines.history.past import Past
from tenure.pipelines.text.courtesy import uses_name
from tenure.pipelines.text.reading import text_id
from tenure.pipelines.text.signals import SIGNALS

COLUMNS = ("text", "case_id")
NAMES = ("name", "first_name")
"""Profiles that say how a customer is called."""

MOST = 20_000
"""Messages a bucket hands over, and messages a state is learnt from, at the most; drawn by a hash of the text."""

SOUNDS = {
    "tone": ("a bad tone", "have a bad tone"),
    "leave": ("a wish to leave", "sound like leaving"),
    "effort": ("trouble taken", "tell of trouble taken"),
    "complaint": ("a complaint", "sound like a complaint"),
}
"""How a signal, and having it, is said in meanings."""

THEME, CARE = "voice", "how we speak"


def observe(view: View, context: Context, _fitted: Fitted) -> Mapping[str, NDArray]:
    """Customers' messages and what followed them."""
    found = labelled(view, context.text)
    if len(found["text"]) <= MOST:
        return found
    chosen = np.sort(np.argsort(list(map(text_id, found["text"])), kind="stable")[:MOST])
    return {name: column[chosen] for name, column in found.items()}


def learn(observed: pd.DataFrame, context: Context) -> State | None:
    """One regression for each signal with enough labels on both sides; None where no signal has them."""
    if not len(observed):
        return None
    rows = observed[["text", *SIGNALS]]
    if len(rows) > MOST:
        rows = rows.assign(draw=rows["text"].map(text_id)).sort_values(["draw", *SIGNALS])[:MOST]
    rows = rows.sort_values(["text", *SIGNALS], ignore_index=True)  # the solver follows the order of rows
    labels = {name: rows[name].to_numpy(dtype=np.float64) for name in SIGNALS}
    least = context.text.least_labels
    enough = {n: v for n, v in labels.items() if min((v == 1.0).sum(), (v == 0.0).sum()) >= least}
    if not enough:
        return None
    some = ~np.isnan(np.column_stack(list(enough.values()))).all(axis=1)
    texts = rows["text"][some].tolist()
    return fit_text(texts, {name: column[some] for name, column in enough.items()}).to_arrays()


def compute(view: View, context: Context, fitted: Fitted) -> Iterator[Column]:
    """Signals of customers' messages and courtesy of ours, where there are messages."""
    marks = fitted.named("has")
    if "text" not in marks:
        return
    learnt = fitted.learnt.get("voice", (None,) * FOLDS)
    found = utterances(view.history, learnt)
    theirs = view.past(found.customers)
    yield from _amount(view, theirs)
    for name in SIGNALS:
        known = told(view, learnt, name) | context.text.embeddings
        yield from _signal(view, theirs, name, known)
    if "agent_text" in marks:
        yield from _courtesy(view, view.past(found.agents))


def _amount(view: View, theirs: Past) -> Iterator[Column]:
    for days in SLIM_WINDOWS:
        meaning = f"written messages of the customer in the last {days} days"
        yield _column(f"messages_count_{days}d", theirs.count(days) * view.scale(days), meaning)
        meaning = f"mean length in characters of the customer's messages in the last {days} days"
        yield _column(f"characters_mean_{days}d", theirs.mean("characters", days), meaning)


def _signal(view: View, theirs: Past, name: str, known: NDArray[np.bool_]) -> Iterator[Column]:
    noun, verb = SOUNDS[name]

    def column(suffix: str, values: Values, meaning: str) -> Column:
        return _column(f"{name}_{suffix}", np.where(known, values, np.nan), meaning)

    means = {}
    for days in SLIM_WINDOWS:
        lately = f"in the last {days} days"
        means[days] = theirs.mean(name, days)
        yield column(f"mean_{days}d", means[days], f"mean log-odds of {noun} in the customer's messages {lately}")
        meaning = f"largest log-odds of {noun} in one message of the customer {lately}"
        yield column(f"largest_{days}d", theirs.largest(name, days), meaning)
        meaning = f"share of the customer's messages that {verb} {lately}"
        yield column(f"share_{days}d", theirs.mean(f"{name}_is", days), meaning)
        if name != "tone":
            values = theirs.total(f"{name}_is", days) * view.scale(days)
            yield column(f"count_{days}d", values, f"messages of the customer that {verb} {lately}")
    if name == "tone" and view.observes(364):
        meaning = "mean log-odds of a bad tone in the last 28 days less that of the last 364"
        yield column("trend_28d_364d", means[28] - means[364], meaning)
    if name == "leave":
        log = theirs.log
        values = view.past(log.where("leaving", lambda: log.values["leave_is"] > 0)).days_since()
        yield column("days_since", values, "days since the last message of the customer that sounds like leaving")


def _courtesy(view: View, ours: Past) -> Iterator[Column]:
    named = _named(view, ours)
    for days in SLIM_WINDOWS:
        meaning = f"share of agents' messages with an apology in the last {days} days"
        yield _column(f"apology_share_{days}d", ours.mean("apology", days), meaning, "agent_text", CARE)
        meaning = f"share of agents' messages that use the customer's name in the last {days} days"
        yield _column(f"name_share_{days}d", named[days], meaning, "agent_text", CARE)


def _named(view: View, ours: Past) -> dict[int, Values]:
    """Shares of messages with the name the customer has as of the date; missing where no name is known."""
    names = _names(view)
    rows, owner = ours.rows()
    kept = np.flatnonzero((names[owner] != "") & (ours.log.time[rows] >= _start(view, max(SLIM_WINDOWS))))
    rows, owner = rows[kept], owner[kept]
    hit = _hits(view, ours.log.values["text"][rows], names[owner])
    found = {}
    for days in SLIM_WINDOWS:
        inside = ours.log.time[rows] >= _start(view, days)
        hits, whole = (np.bincount(owner[inside & m], minlength=len(view.units)) for m in (hit, np.ones_like(hit)))
        share = np.divide(hits, whole, out=_nothing(view), where=whole > 0)
        found[days] = np.where(np.isnan(ours.count(days)), np.nan, share)
    return found


def _start(view: View, days: int) -> int:
    return int(view.history.calendar.days_before(view.as_of, days))


def _names(view: View) -> NDArray[np.object_]:
    """All names of each unit as of the date in one text, empty where none is known."""
    names = np.full(len(view.units), "", dtype=object)
    for profile in NAMES:
        past = view.profile(profile)
        if past is not None and profile in view.history.levels:
            words = np.array([*view.history.levels[profile], ""], dtype=object)  # -1, nobody's code, finds the last
            names = names + " " + words[past.last_code("value")]
    return np.array([name.strip() for name in names], dtype=object)


def _hits(view: View, text: Ints, names: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Whether each text uses its name; worked out once for a text and a name."""
    known: dict[tuple[int, str], bool] = view.history.rows.once("names used", dict)
    texts = view.history.texts.texts
    for pair in set(zip(text.tolist(), names, strict=True)) - known.keys():
        known[pair] = uses_name(texts[pair[0]], pair[1])
    return np.array([known[pair] for pair in zip(text.tolist(), names, strict=True)], dtype=bool)


def _nothing(view: View) -> Values:
    return np.full(len(view.units), np.nan)


def _column(name: str, values: Values, meaning: str, mark: str = "text", theme: str = THEME) -> Column:
    return Column(f"voice_{name}", values, meaning, theme, 0, f"has:{mark}")
