"""Commands that are killed or interrupted at any moment leave what was there, and work when run again."""

from __future__ import annotations

import json
import os
import random
import signal
import time

import pytest
from command import finish, program, start, tenure
from shop import sales, write_sales

SEED = 20241229


def listed(folder):
    ran = tenure("list", folder, "--format", "json")
    assert ran.code == 0, ran.err
    return json.loads(ran.out)


def interrupt(words, *, after, how):
    """Start a command, send it a signal after some seconds, and give what it said; None where it was done before."""
    process = start(*words)
    time.sleep(after)
    if process.poll() is not None:
        finish(process)
        return None
    os.killpg(process.pid, how)
    return finish(process)


def delays(name, count, longest):
    return [round(random.Random(f"{SEED} {name}").uniform(0.3, longest), 2) for _ in range(count)]


CASES = [
    *[("check", signal.SIGKILL, after) for after in (1.4, 2.2)],
    *[("score", signal.SIGKILL, after) for after in (3.1, 5.3)],
    *[("train", signal.SIGKILL, after) for after in (2.9, 6.7, 9.1)],
    ("check", signal.SIGINT, 1.8),
    ("score", signal.SIGINT, 4.4),
    ("train", signal.SIGINT, 5.9),
]


@pytest.mark.timeout(300)
def test_what_is_served_survives_kill_and_ctrl_c_at_any_moment(trained):
    before = listed(trained)
    for command, how, after in CASES:
        write_sales(trained / "sales.csv", sales())  # so that there is something to bring in again
        ran = interrupt((command, trained), after=after, how=how)
        if ran is not None and how == signal.SIGINT:
            assert ran.code not in (0, 2)
            assert "Traceback" not in ran.err, ran.err
        assert listed(trained) == before or command == "score"
    for command in ("check", "score", "train"):
        ran = program(command, trained)
        assert ran.code == 0, ran.err
    again = listed(trained)
    assert [(r["customer_id"], r["churn_probability"]) for r in again] == [
        (r["customer_id"], r["churn_probability"]) for r in before
    ]
