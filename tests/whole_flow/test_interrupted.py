"""Commands that are killed or interrupted at any moment leave what was there, and work when run again."""

from __future__ import annotations

import json
import os
import random
import signal
import time

import pytest
from command import finish, program, start, tenure

SEED = 20241229


def listed(folder):
    ran = tenure("list", folder, "--format", "json")
    assert ran.code == 0, ran.err
    return json.loads(ran.out)


def interrupt(words, *, after, how):
    """Start a command, send a signal to all its processes after some seconds, and give how it ended."""
    process = start(*words)
    time.sleep(after)
    if process.poll() is None:
        os.killpg(process.pid, how)
    return finish(process)


def moments(name, *, count, longest):
    """Seconds after the start, drawn once and for all."""
    drawn = random.Random(f"{SEED} {name}")
    return [drawn.uniform(0.5, longest) for _ in range(count)]


@pytest.mark.timeout(300)
def test_commands_may_be_killed_at_any_moment(trained):
    before = listed(trained)
    for command, longest in (("check", 4), ("score", 9), ("train", 16)):
        (after,) = moments(command, count=1, longest=longest)
        (trained / "sales.csv").touch()  # so that there is something to bring in again
        interrupt((command, trained), after=after, how=signal.SIGKILL)
        assert same(listed(trained), before)
    for command in ("train", "score"):
        ran = tenure(command, trained)
        assert ran.code == 0, ran.err
    assert same(listed(trained), before)


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("command", "after"), [("check", 3.0), ("train", 7.5)])
def test_a_command_may_be_stopped_with_ctrl_c(trained, command, after):
    before = listed(trained)
    (trained / "sales.csv").touch()
    ran = interrupt((command, trained), after=after, how=signal.SIGINT)
    assert ran.code != 1
    if "bringing in" in ran.err:  # before that it is only Python that starts
        assert "Traceback" not in ran.err
    assert same(listed(trained), before)


@pytest.mark.long
@pytest.mark.timeout(1200)
def test_training_may_be_killed_at_very_many_moments(trained):
    before = listed(trained)
    for after in moments("long", count=25, longest=18):
        (trained / "sales.csv").touch()
        interrupt(("train", trained), after=after, how=signal.SIGKILL)
        assert same(listed(trained), before)
    for command in ("train", "score"):
        assert program(command, trained).code == 0
    assert same(listed(trained), before)


def same(found, before):
    """Whether two lists name the same customers with the same probabilities."""
    return [(r["customer_id"], r["churn_probability"]) for r in found] == [
        (r["customer_id"], r["churn_probability"]) for r in before
    ]
