"""Fill an empty helpdesk: an agent, and a year of tickets of the customers named in a file of lines of JSON."""

import datetime as dt
import json
import sys

import django


def main(file):
    """Write the tickets as they would have come in."""
    django.setup()
    from django.contrib.auth import get_user_model  # only after the setup
    from django.core.management import call_command
    from django.db import connection, transaction
    from helpdesk.models import FollowUp, Queue, Ticket

    connection.cursor().execute("pragma synchronous = off")  # nobody cuts the power
    call_command("migrate", verbosity=0)
    agent = get_user_model().objects.create_superuser("agent", "agent@desk.example", "a horse on stairs")
    queue = Queue.objects.create(title="Care", slug="care", allow_public_submission=True)
    with open(file, encoding="utf-8") as lines, transaction.atomic():
        for line in lines:
            told = json.loads(line)
            opened = dt.datetime.fromisoformat(told["at"])
            ticket = Ticket.objects.create(
                title=told["title"],
                queue=queue,
                submitter_email=told["email"],
                created=opened,
                description=told["title"],
            )
            Ticket.objects.filter(pk=ticket.pk).update(created=opened)
            for place, (hours, ours, text) in enumerate(told["followups"]):
                FollowUp.objects.create(
                    ticket=ticket, date=opened + dt.timedelta(hours=hours), title=f"Follow-up {place}", comment=text,
                    public=True, user=agent if ours else None,
                )  # fmt: skip


main(sys.argv[1])
