"""The service with one more route: a constant answer behind the same key, rate and audit. For `lookup.py` only."""

from __future__ import annotations

from typing import Any

from fastapi import Depends, FastAPI, Request, Response

import tenure.serving.hosted as hosted
import tenure.serving.service as real
from tenure.pipelines.access.roles import Role
from tenure.serving.access import caller_of, needs

BODY = b'{"customer_id":"c000001","probability":0.5,"band":"critical"}' * 12
"""About as long as a risk."""

create_app = hosted.create_app


def with_constant(*words: Any, **named: Any) -> FastAPI:
    """The application with `/v1/constant`."""
    app = create_app(*words, **named)

    async def constant(request: Request) -> Response:
        request.app.state.auditor.read(caller_of(request), "risk", of="c000001")
        return Response(BODY, media_type="application/json")

    app.get("/v1/constant", dependencies=[Depends(needs(Role.agent))])(constant)
    return app


hosted.create_app = with_constant
service = real.make_service()
