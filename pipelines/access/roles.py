"""Roles: each may do what the one before may, but for `sender`, who only delivers."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What a caller may do."""

    sender = "sender"
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
        """
        if Role.sender in (self, needed):
            return self in (needed, Role.admin)
        return LADDER.index(self) >= LADDER.index(needed)


LADDER = (Role.agent, Role.retention, Role.scientist, Role.admin)
"""From the least to the most that one may do."""

MEANING = {
    Role.sender: "delivers interactions, reads nothing",
    Role.agent: "asks for one customer at a time",
    Role.retention: "also reads and exports the list",
    Role.scientist: "also scores histories and reads how the model does",
    Role.admin: "everything",
}
"""What each role is for."""
