"""What an agent is shown of one customer: a band in words, why, what changed, what is promised, what to do next."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from babel.dates import format_date, format_timedelta

from tenure.pipelines.languages import translations
from tenure.pipelines.outcomes.sentence import WITHIN
from tenure.pipelines.reasons.saying import reason_text
from tenure.pipelines.settings.outcome import AnyOutcome
from tenure.pipelines.settings.project import Project
from tenure.pipelines.store.score_sets import Score, ScoreSet
from tenure.serving.web.rendering import LANGUAGES
from tenure.serving.words import change_of

MOST_REASONS = 3
PROMISES = ("unanswered", "callback", "left")
WHYS = ("over", "stays", "pauses", "gone", "untrue", "other")
"""Why somebody says that a flag is wrong."""


@dataclass(frozen=True)
class Card:
    """One customer's risk as it is shown; everything in it is said in the reader's language."""

    outcome: str
    customer_id: str
    band: str
    title: str
    chance: str | None
    unsure: str | None
    sayable: list[str]
    private: list[str]
    changed: list[str]
    promises: list[str]
    next: str | None
    fresh: str | None
    stale: bool

    @property
    def quiet(self) -> bool:
        """Whether there is nothing to do: a low risk, and nothing that was promised."""
        return self.band == "low" and not self.promises


class Speaker:
    """Says the parts of a card in one language."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._held = translations(LANGUAGES, language)
        self.gettext, self.ngettext = self._held.gettext, self._held.ngettext

    def band(self, band: str) -> str:
        """A band in words."""
        _ = self.gettext
        names = {
            "low": _("Low risk"),
            "medium": _("Medium risk"),
            "high": _("High risk"),
            "critical": _("Critical risk"),
        }
        return names[band]

    def status(self, status: str) -> str:
        """What a status without a score means."""
        _ = self.gettext
        names = {
            "leaving": _("Not scored: notice has been given"),
            "left": _("Not scored: left already"),
            "lapsed": _("Not scored: quiet already"),
            "new": _("Not scored: too new"),
            "excluded": _("Not scored: left out of scoring"),
            "objected": _("Not scored: the customer objects to it"),
            "not_eligible": _("Not scored: the question does not apply"),
        }
        return names.get(status, _("Not scored"))

    def chance(self, outcome: AnyOutcome, probability: float) -> str:
        """A probability as so many of a hundred, and what they do."""
        share = round(100 * probability)
        if share < 1:
            many = self.gettext("fewer than 1 of 100")
        elif share > 99:
            many = self.gettext("more than 99 of 100")
        else:
            many = self.gettext("about %(n)d of 100") % {"n": share}
        return f"{many} {self.do(outcome)}"

    def unsure(self, score: Score) -> str | None:
        """That a probability may be much lower or higher; None where it is known well enough."""
        if score.probability_low is None or score.probability_high is None or not score.low_confidence:
            return None
        ends = {"low": round(100 * score.probability_low), "high": round(100 * score.probability_high)}
        return self.gettext("Low confidence: it may be %(low)d to %(high)d of 100") % ends

    def do(self, outcome: AnyOutcome) -> str:
        """What they do whom the outcome happens to."""
        n, several = outcome.horizon_days, self.ngettext
        said = several(*WITHIN[outcome.type], n)
        lead = outcome.lead_days
        later = several(", starting in %(n)d day", ", starting in %(n)d days", lead) % {"n": lead} if lead else ""
        return said % {"n": n} + later

    def changed(self, probability: float, changed: dict[str, Any]) -> list[str]:
        """From where to where it went since the score before, and by what."""
        _ = self.gettext
        before, now = round(100 * changed["before"]), round(100 * probability)
        names = {"before": before, "now": now, "since": self.day(dt.date.fromisoformat(changed["since"]))}
        if before == now:
            return [_("Unchanged since %(since)s") % names]
        up = _("Up from %(before)d to %(now)d of 100 since %(since)s")
        down = _("Down from %(before)d to %(now)d of 100 since %(since)s")
        told = [(up if now > before else down) % names]
        parts = (
            (changed.get("customer"), _("by what happened: %(points)+d")),
            (changed.get("passing_time"), _("by time that passed: %(points)+d")),
        )
        if changed.get("new_model"):
            told.append(_("another model scores since then"))
        return told + [said % {"points": round(100 * part)} for part, said in parts if part and round(100 * part)]

    def promise(self, what: str, count: float, days: float) -> str:
        """What the customer waits for."""
        n, several = round(count), self.ngettext
        if what == "unanswered":
            said = several("%(n)d message waits for an answer", "%(n)d messages wait for an answer", n)
        elif what == "callback":
            said = several("%(n)d promised callback is overdue", "%(n)d promised callbacks are overdue", n)
        else:
            said = several(
                "%(n)d case was passed on and nobody came back to the customer",
                "%(n)d cases were passed on and nobody came back to the customer",
                n,
            )
        since = format_timedelta(-dt.timedelta(days=days), add_direction=True, locale=self.language, threshold=0.99)
        return f"{said % {'n': n}} ({since})"

    def day(self, day: dt.date) -> str:
        """A date as one writes it."""
        return format_date(day, "medium", locale=self.language)

    def scored(self, scored_at: dt.datetime, now: dt.datetime) -> str:
        """How long ago it was scored."""
        ago = format_timedelta(scored_at - now, add_direction=True, locale=self.language, threshold=0.99)
        return self.gettext("Scored %(ago)s") % {"ago": ago}

    def why(self, why: str) -> str:
        """A reason for which a flag may be wrong."""
        _ = self.gettext
        names = {
            "over": _("the trouble is over"),
            "stays": _("I know that they will stay"),
            "pauses": _("they always pause at this time"),
            "gone": _("they have left already"),
            "untrue": _("something shown here is not true"),
            "other": _("another reason"),
        }
        return names[why]


def card_of(
    project: Project,
    found: ScoreSet,
    customer_id: str,
    scores: list[Score],
    *,
    language: str,
    stale: bool,
    now: dt.datetime,
) -> Card:
    """The card of a customer: that of the riskiest unit, with the open promises of all."""
    speaker = Speaker(language)
    if not scores:
        title = speaker.status("unknown")
        return Card(found.outcome, customer_id, "none", title, None, None, [], [], [], [], None, None, False)
    first = scores[0]
    promises = _promises(scores, speaker)
    fresh = speaker.scored((first.scored_at or found.created_at).replace(tzinfo=dt.UTC), now)
    if first.band is None or first.probability is None:
        title = speaker.status(first.status)
        told = [*promises.values()]
        return Card(found.outcome, customer_id, "none", title, None, None, [], [], [], told, None, fresh, stale)
    reasons, changed = first.reasons or [], change_of(first)
    sayable = [reason_text(r, language) for r in reasons if r["sayable"]][:MOST_REASONS]
    private = [reason_text(r, language) for r in reasons if not r["sayable"]][: MOST_REASONS - len(sayable)]
    return Card(
        outcome=found.outcome,
        customer_id=customer_id,
        band=first.band,
        title=speaker.band(first.band),
        chance=speaker.chance(project.outcome[found.outcome], first.probability),
        unsure=speaker.unsure(first),
        sayable=sayable,
        private=private,
        changed=speaker.changed(first.probability, changed) if changed else [],
        promises=[*promises.values()],
        next=next_step(project, first.band, {r["theme"] for r in reasons}, set(promises), language),
        fresh=fresh,
        stale=stale,
    )


def next_step(project: Project, band: str, themes: set[str], promises: set[str], language: str) -> str | None:
    """The sentence of the first entry of the playbook that fits; English where it has none in the language."""
    for entry in project.playbook:
        if entry.fits(band, themes, promises):
            return entry.next.get(language) or entry.next.get("en") or next(iter(entry.next.values()))  # type: ignore[call-overload]
    return None


def _promises(scores: list[Score], speaker: Speaker) -> dict[str, str]:
    found: dict[str, str] = {}
    for what in PROMISES:
        held = [score.facts[what] for score in scores if score.facts and what in score.facts]
        if held:
            found[what] = speaker.promise(what, *max(held, key=lambda pair: pair[1]))
    return found
