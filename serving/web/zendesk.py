"""Zendesk's signed page load: a token that says for which agent of which account the page is asked."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from urllib.parse import urlsplit

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from tenure.pipelines.settings.desk import Zendesk
from tenure.serving.problems import Refusal

SKEW_SECONDS = 60


def vouched_for(token: str, account: Zendesk, *, root: Path, now: dt.datetime) -> str:
    """The agent named by a token that Zendesk signed for this account a moment ago; anything else is refused.

    `root` is the folder from which the path of the public key counts.
    """
    if account.public_key is None or account.audience is None:
        said = "the project file has no `public_key` and `audience` in [panel.zendesk]; download the app's key there"
        raise Refusal(409, "no-public-key", said)
    try:
        key = RSAKey.import_key((root / account.public_key).read_bytes())
        claims = jwt.decode(token, key, algorithms=["RS256"]).claims
        jwt.JWTClaimsRegistry(
            now=int(now.timestamp()),
            leeway=SKEW_SECONDS,
            exp={"essential": True},
            sub={"essential": True},
            aud={"essential": True, "value": account.audience},
            iss={"essential": True, "value": str(urlsplit(account.origin).hostname)},
        ).validate(claims)
    except (JoseError, ValueError) as error:
        said = "this page load is not signed by your Zendesk, or too old; open the ticket again"
        raise Refusal(403, "not-signed", said) from error
    except OSError as error:
        said = f"[panel.zendesk] public_key {account.public_key} cannot be read ({error.strerror})"
        raise Refusal(503, "no-public-key", said) from error
    return f"zendesk:{str(claims['sub']).rsplit('/', 1)[-1].removesuffix('.json')}"
