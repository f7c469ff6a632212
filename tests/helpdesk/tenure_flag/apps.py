"""The app, which listens to follow-ups from its start on."""

from django.apps import AppConfig


class TenureFlag(AppConfig):
    """Tells Tenure of every public follow-up."""

    name = "tenure_flag"

    def ready(self):
        """Listen."""
        from helpdesk.signals import update_ticket_done

        from tenure_flag.tenure import tell

        update_ticket_done.connect(tell)
