"""Asking Tenure for a customer's risk, and telling it what happened."""

import logging

import requests
from django.conf import settings

SECONDS = 3
log = logging.getLogger(__name__)


def risk(email):
    """The risk of whoever has an address; None where Tenure does not answer in time."""
    told = settings.TENURE
    try:
        answer = requests.get(
            f"{told['address']}/v1/customers/{email}/risk",
            params={"source": told["source"]},
            headers={"Authorization": f"Bearer {told['read']}"},
            timeout=SECONDS,
        )
        answer.raise_for_status()
    except requests.RequestException:
        return None
    return answer.json()


def tell(sender, followup, **_):
    """Send a public follow-up as an interaction; Tenure takes the same one twice for one."""
    told, ticket = settings.TENURE, followup.ticket
    known = risk(ticket.submitter_email)
    if known is None or not followup.public:
        return
    ours = followup.user is not None and followup.user.is_staff
    row = {
        "interaction_id": f"followup-{followup.id}",
        "customer_id": known["customer_id"],
        "occurred_at": followup.date.isoformat(),
        "kind": "message_out" if ours else "message_in",
        "direction": "outbound" if ours else "inbound",
        "case_id": str(ticket.id),
        "text": followup.comment or None,
    }
    try:
        answer = requests.post(
            f"{told['address']}/v1/interactions",
            params={"source": told["source"]},
            json={"interactions": [{name: value for name, value in row.items() if value is not None}]},
            headers={"Authorization": f"Bearer {told['send']}"},
            timeout=SECONDS,
        )
        answer.raise_for_status()
    except requests.RequestException as error:  # nobody's follow-up waits for us
        log.error("Tenure did not take follow-up %d: %s", followup.id, error)
