"""The command `tenure`: every subcommand, and what becomes of an error."""

from __future__ import annotations

import sys
from types import TracebackType

import typer
from typer.main import get_command

from tenure.serving.cli import (
    access,
    actions,
    aging,
    alerts,
    bento,
    comparing,
    data,
    defining,
    demo,
    doctor,
    events,
    explaining,
    features,
    feedback,
    importing,
    keeping,
    lead,
    listing,
    monitoring,
    people,
    privacy,
    promoting,
    proof,
    pushing,
    retraining,
    running,
    sampling,
    saves,
    scoring,
    service,
    simulate,
    timing,
    training,
    tuning,
    uplift,
    zendesk,
)
from tenure.serving.cli.console import say_error
from tenure.serving.cli.stopping import keep_ctrl_c
from tenure.serving.environment import silence

STOPPED_QUERY = "Query interrupted"
"""The RuntimeError that DuckDB raises where Ctrl-C falls into one of its queries; the KeyboardInterrupt is lost."""

STOPPED = 130
"""The exit code of a command that was stopped by Ctrl-C."""

app = typer.Typer(
    name="tenure",
    help="Which customers are likely to leave or go quiet, why, and what is worth doing about it today.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command("demo")(demo.demo)
app.command("init")(data.init)
app.command("simulate")(simulate.simulate_command)
app.add_typer(importing.importing, name="import")
app.command("check")(data.check)
app.command("define")(defining.define_command)
app.command("features")(features.features)
app.add_typer(features.feature, name="feature")
app.command("backtest")(proof.backtest_command)
app.command("tune")(tuning.tune_command)
app.command("aging")(aging.aging_command)
app.command("timing")(timing.timing_command)
app.command("lead")(lead.lead_command)
app.command("train")(training.train_command)
app.command("retrain")(retraining.retrain_command)
app.command("compare")(comparing.compare_command)
app.command("push")(pushing.push_command)
app.command("promote")(promoting.promote_command)
app.command("rollback")(promoting.rollback_command)
app.command("score")(scoring.score_command)
app.command("list")(listing.list_command)
app.command("explain")(explaining.explain_command)
app.add_typer(actions.actions, name="actions")
app.command("saves")(saves.saves_command)
app.command("uplift")(uplift.uplift_command)
app.add_typer(alerts.alerts, name="alerts")
app.command("monitor")(monitoring.monitor_command)
app.add_typer(events.event, name="event")
app.command("feedback")(feedback.feedback_command)
app.command("serve")(service.serve_command)
app.command("bento")(bento.bento_command)
app.command("doctor")(doctor.doctor_command)
app.command("run")(running.run_command)
app.command("refresh")(running.refresh_command)
app.add_typer(access.key, name="key")
app.add_typer(people.user, name="user")
app.add_typer(zendesk.zendesk, name="zendesk")
app.command("audit")(access.audit_command)
app.command("export")(privacy.export_command)
app.command("object")(privacy.object_command)
app.command("erase")(privacy.erase_command)
app.command("sample")(sampling.sample_command)
app.command("backup")(keeping.backup_command)
app.command("verify")(keeping.verify_command)
app.command("restore")(keeping.restore_command)
app.command("upgrade")(keeping.upgrade_command)


def run() -> None:
    """Run the command line. Our own errors end it with their message and 1, wrong use with 2."""
    silence()
    sys.excepthook = _end
    keep_ctrl_c()
    try:
        get_command(app)()  # calling the app itself would put typer's own hook in the place of ours
    except RuntimeError as error:
        if str(error) != STOPPED_QUERY:
            raise
        raise SystemExit(STOPPED) from None


def _end(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Print the message of an error that says what to do; anything else is a defect, with its trace."""
    if kind.__module__.startswith("tenure."):
        say_error(str(error))
    else:
        sys.__excepthook__(kind, error, trace)
