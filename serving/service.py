"""The BentoML service: our application mounted in it. This is the only file that knows BentoML's API."""

from __future__ import annotations

from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

from tenure.pipelines.settings.load import load_project
from tenure.serving.environment import log_form, project_file, silence, workers
from tenure.serving.logs import write_logs
from tenure.serving.settings import HOST, PORT
from tenure.serving.tied import follow

TIMEOUT_SECONDS = 8
"""Above our own limits, which answer with a problem; BentoML keeps each request's objects this long."""

CONFIG: dict[str, Any] = {
    "traffic": {"timeout": TIMEOUT_SECONDS},
    "http": {"host": HOST, "port": PORT},
    "logging": {"access": {"enabled": False}},
    # BentoML's own request metrics have the whole path as a label, and so every customer's id.
    "metrics": {"enabled": False},
}


class Public:
    """The mounted application; it is made when a worker starts, not when this file is imported.

    BentoML asks only Starlette applications which routes they have. Not being one, it is handed
    every request but those for the few paths BentoML answers before it looks at what is mounted.
    """

    app: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request on to the application."""
        if self.app is None:
            raise RuntimeError("the service is not started yet")
        await self.app(scope, receive, send)


class Before:
    """ASGI middleware that takes back the paths BentoML would answer in shapes of its own."""

    PATHS = frozenset({"/healthz", "/livez", "/readyz", "/schema.json"})

    def __init__(self, app: ASGIApp, public: Public) -> None:
        self.app = app
        self.public = public

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request to the application or to BentoML."""
        ours = scope["type"] == "http" and scope["path"] in self.PATHS
        await (self.public if ours else self.app)(scope, receive, send)


def make_service() -> Any:
    """The service as BentoML wants it: a decorated class."""
    silence()
    form = log_form()
    if form is not None:
        write_logs(form)  # after BentoML, which sets up its own log before it imports a service
    import bentoml  # after `silence`, which it reads when imported
    from bentoml._internal.configuration.containers import BentoMLContainer

    public = Public()

    class Tenure:
        """Serves the published scores and the verified models of one project."""

        def __init__(self) -> None:
            project = load_project(project_file())
            if log_form() is None:
                write_logs(project.service.log)  # BentoML's own would write what errors say, and so name customers
            # only a worker waits for this import: BentoML's own process reads this file too
            from tenure.models.reading import fit_nothing
            from tenure.serving.hosted import hosted, settle

            fit_nothing()
            public.app, self._auditor = hosted(project, BentoMLContainer.metrics_client.get())
            settle()
            follow()

        @bentoml.on_shutdown  # type: ignore[untyped-decorator]
        def close(self) -> None:
            """Write the rest of the audit log."""
            self._auditor.close()

    made = bentoml.service(name="tenure", workers=workers(), **CONFIG)(bentoml.asgi_app(public)(Tenure))
    made.add_asgi_middleware(Before, public=public)
    return made


service = make_service()
