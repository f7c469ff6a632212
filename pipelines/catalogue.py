"""The catalogue: the kinds and channels that Tenure knows, each with a one-line meaning."""

from __future__ import annotations

from difflib import get_close_matches

KINDS: dict[str, str] = {
    "contact_opened": "the customer opened a contact: a ticket, a call, a chat",
    "message_in": "the customer wrote or said something",
    "message_out": "we wrote or said something to the customer",
    "assigned": "a contact was given to an agent or a team",
    "escalated": "a contact was raised to a higher level",
    "resolved": "a contact was declared solved",
    "reopened": "a solved contact was opened again",
    "callback_promised": "we promised to come back; `due_at` says by when",
    "followed_up": "we came back as promised or unasked",
    "complaint": "the customer complained",
    "dispute": "the customer disputed a bill or a charge",
    "survey_sent": "we asked for a rating",
    "survey_answered": "the customer rated us; `rating` from 0 (worst) to 1 (best)",
    "purchase": "the customer bought; `amount` is the money",
    "refund": "money went back to the customer",
    "payment": "a bill was paid",
    "payment_failed": "a payment was refused or bounced",
    "price_changed": "we changed the price the customer pays",
    "usage": "the customer used the product; `amount` may hold how much",
    "visit": "the customer came to a place or a page",
    "self_service": "the customer solved something without a person",
    "help_viewed": "the customer read a page of the help centre",
    "help_searched": "the customer searched the help centre and found something",
    "help_search_failed": "the customer searched the help centre and found nothing",
    "bot_handover": "an automatic assistant handed over to a person",
    "campaign_sent": "we sent a campaign",
    "offer_made": "we made an offer",
    "offer_accepted": "the customer took an offer",
    "plan_changed": "the customer moved to another plan",
    "renewal_due": "a renewal is coming; `due_at` says when",
    "renewal": "a contract was renewed",
    "signup": "a contract was made; `due_at` is its start where that is later",
    "notice": "the customer gave notice; `due_at` is the end of the contract",
    "cancellation": "a contract ended; the attribute `reason` may say why",
}
"""Known kinds of interaction. An unknown kind is welcome: the generic feature families cover it."""

CHANNELS: dict[str, str] = {
    "phone": "a telephone call",
    "email": "electronic mail",
    "chat": "a live chat with a person",
    "sms": "a text message",
    "social": "a social network",
    "letter": "a letter on paper",
    "fax": "a fax",
    "in_person": "face to face",
    "video": "a video call",
    "web": "a web page or a web form",
    "app": "a mobile application",
    "portal": "a customer portal behind a login",
    "bot": "an automatic assistant",
}
"""The ways in which a contact can happen. Any other value is quarantined."""

DIRECTIONS: dict[str, str] = {
    "inbound": "from the customer to us",
    "outbound": "from us to the customer",
}
"""Who turned to whom. Any other value is quarantined."""


def did_you_mean(word: str, known: list[str] | tuple[str, ...], *, cutoff: float = 0.55) -> str:
    """A hint to append to an error, or an empty string when nothing known is close.

    >>> did_you_mean("custmer", ["customer", "kind"])
    "; did you mean 'customer'?"
    """
    lower = {k.lower(): k for k in known}
    close = get_close_matches(word.lower(), list(lower), n=1, cutoff=cutoff)
    return f"; did you mean {lower[close[0]]!r}?" if close else ""
