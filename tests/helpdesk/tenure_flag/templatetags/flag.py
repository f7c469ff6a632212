"""The tag that asks for the flag of a ticket's customer."""

from django import template

from tenure_flag.tenure import risk

register = template.Library()


@register.simple_tag
def tenure_risk(ticket):
    """The risk of who wrote the ticket, None where it is not to be had."""
    return risk(ticket.submitter_email)
