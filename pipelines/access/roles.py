"""Roles: each may do what the one before may, but for `sender`, who only delivers, and `privacy`."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What a caller may do."""

    sender = "sender"
    privacy = "privacy"
    agent = "agent"
    retention = "retention"
    scientist = "scientist"
    admin = "admin"

    def may(self, needed: Role) -> bool:
        """Whether this role is enough.

        >>> Role.retention.may(Role.agent), Role.agent.may(Role.retention), Role.sender.may(Role.agent)
        (True, False, False)
        >>> Role.admin.may(Role.sender), Role.agent.may(Role.sender)
        (True, False)
        >>> Role.admin.may(Role.privacy), Role.scientist.may(Role.privacy), Role.privacy.may(Role.agent)
        (True, False, False)
        """
        if not {self, needed} <= set(LADDER):
            return self in (needed, Role.admin)
        return LADDER.index(self) >= LADDER.index(needed)


LADDER = (Role.agent, Role.retention, Role.scientist, Role.admin)
"""From the least to the most that one may do."""

MEANING = {
    Role.sender: "delivers interactions, reads nothing",
    Role.privacy: "tells, erases and takes the objection of one customer at a time, nothing else",
    Role.agent: "asks for one customer at a time",
    Role.retention: "also reads and exports the list",
    Role.scientist: "also scores histories and reads how the model does",
    Role.admin: "everything",
}
"""What each role is for."""
