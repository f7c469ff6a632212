"""Sessions: who logged in, as a signed token that is good for some hours."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any, NamedTuple

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from tenure.pipelines.access.roles import Role
from tenure.pipelines.access.secret import kept_secret

ALGORITHM = "HS256"


class Session(NamedTuple):
    """Who it is, and since when. A `guest` is not one of our people but was vouched for by a tool, with that role."""

    name: str
    begun: dt.datetime
    guest: Role | None = None


class Sessions:
    """Makes and reads the tokens of a project, by a secret in its folder of keys."""

    def __init__(self, data: Path, *, hours: float) -> None:
        self._key = OctKey.import_key(kept_secret(data, "sessions"))
        self.hours = hours

    def begin(self, name: str, *, now: dt.datetime, guest: Role | None = None) -> str:
        """A token for somebody who just proved who it is."""
        begun = now.timestamp()
        claims = {"sub": name, "iat": begun, "exp": begun + 3600 * self.hours, "aud": "session"}
        return jwt.encode({"alg": ALGORITHM}, claims | ({"role": guest.value} if guest else {}), self._key)

    def read(self, text: str, *, now: dt.datetime) -> Session | None:
        """Whose token it is, or None where it is not ours, too old, or made for something else."""
        claims = self._claims(text, "session", now)
        if claims is None:
            return None
        guest = Role(claims["role"]) if "role" in claims else None
        begun = dt.datetime.fromtimestamp(claims["iat"], dt.UTC).replace(tzinfo=None)
        return Session(str(claims["sub"]), begun, guest)

    def seal(self, held: dict[str, str], *, now: dt.datetime, seconds: float) -> str:
        """Plain data that a browser keeps for us for a short while and cannot change."""
        return jwt.encode({"alg": ALGORITHM}, {**held, "aud": "sealed", "exp": now.timestamp() + seconds}, self._key)

    def unseal(self, text: str, *, now: dt.datetime) -> dict[str, Any] | None:
        """What was sealed, or None where it was changed or is too old."""
        return self._claims(text, "sealed", now)

    def _claims(self, text: str, audience: str, now: dt.datetime) -> dict[str, Any] | None:
        try:
            claims = jwt.decode(text, self._key, algorithms=[ALGORITHM]).claims
        except (JoseError, ValueError):
            return None
        good = claims.get("aud") == audience and float(claims.get("exp", 0)) > now.timestamp()
        return claims if good else None
