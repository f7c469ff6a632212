"""Score sets: complete or not there, and served by one pointer."""

from __future__ import annotations

import datetime as dt
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from sqlalchemy import Engine, func, select, text

from tenure.pipelines.store.connections import following, reading
from tenure.pipelines.store.score_sets import (
    _BY_CUSTOMER,
    ScoreSet,
    ScoreSetError,
    at_risk,
    count_at_risk,
    publish,
    published_set,
    risk_of,
    score_set,
    write_score_set,
)
from tenure.pipelines.store.served import SERVED, served_risk
from tenure.pipelines.store.tables import score_sets, scores

REASON = {"theme": "recency", "text": "no visit for 19 days", "sayable": True, "log_odds": 1.2}


def rows(*units: tuple[str, str, str, float | None, str | None]) -> pd.DataFrame:
    frame = pd.DataFrame(units, columns=["unit_id", "customer_id", "status", "probability", "band"])
    return frame.assign(reasons=[[REASON] if p else None for p in frame["probability"].fillna(0)])


THREE = rows(
    ("k1", "ann", "scored", 0.1, "medium"),
    ("k2", "ann", "scored", 0.6, "critical"),
    ("k3", "bob", "left", None, None),
)


def write(engine: Engine, frame: pd.DataFrame | pa.Table = THREE, **changes: Any) -> int:
    header: dict[str, Any] = {
        "outcome": "lapse",
        "as_of": dt.date(2017, 12, 4),
        "model_version": "7",
        "snapshot_id": "s1",
        "created_at": dt.datetime(2017, 12, 4, 1, tzinfo=dt.UTC),
        "definition": "no purchase for 28 days",
        "verdict": "use",
    }
    return write_score_set(engine, frame, **{**header, **changes})


def served(engine: Engine, outcome: str = "lapse") -> ScoreSet | None:
    with reading(engine) as connection:
        return published_set(connection, outcome)


def stored(engine: Engine) -> list[int]:
    with reading(engine) as connection:
        return list(connection.scalars(select(score_sets.c.score_set_id).order_by(score_sets.c.score_set_id)))


def test_a_written_set_is_not_served_before_it_is_published(engine: Engine) -> None:
    number = write(engine)
    assert served(engine) is None
    publish(engine, "lapse", number)
    found = served(engine)
    assert found is not None
    assert (found.score_set_id, found.as_of, found.counts) == (
        number,
        dt.date(2017, 12, 4),
        {"scored": 2, "left": 1},
    )


def test_a_customer_has_the_riskiest_unit_first_and_all_units(engine: Engine) -> None:
    number = write(engine)
    with reading(engine) as connection:
        ann = risk_of(connection, number, "ann")
        assert [(s.unit_id, s.rank) for s in ann] == [("k2", 1), ("k1", 2)]
        assert ann[0].reasons == [REASON]
        assert [(s.status, s.probability) for s in risk_of(connection, number, "bob")] == [("left", None)]
        assert risk_of(connection, number, "nobody") == []


def test_the_list_is_by_rank_in_pages_and_by_band(engine: Engine) -> None:
    number = write(engine)
    with reading(engine) as connection:
        assert [s.unit_id for s in at_risk(connection, number, limit=5)] == ["k2", "k1"]
        assert [s.unit_id for s in at_risk(connection, number, limit=1, offset=1)] == ["k1"]
        assert [s.unit_id for s in at_risk(connection, number, limit=5, band="medium")] == ["k1"]
        found = score_set(connection, number)
        for kept in (found, found._replace(bands=None)):  # as sets of the first release are
            assert [count_at_risk(connection, kept, band=band) for band in (None, "medium", "low")] == [2, 1, 0]


def test_equal_probabilities_are_ranked_by_unit(engine: Engine) -> None:
    number = write(engine, rows(("b", "b", "scored", 0.5, "critical"), ("a", "a", "scored", 0.5, "critical")))
    with reading(engine) as connection:
        assert [s.unit_id for s in at_risk(connection, number, limit=5)] == ["a", "b"]


def test_an_arrow_table_is_taken_too(engine: Engine) -> None:
    number = write(engine, pa.Table.from_pandas(THREE))
    with reading(engine) as connection:
        assert risk_of(connection, number, "ann")[0].reasons == [REASON]


def test_the_previous_set_is_kept_and_older_ones_are_swept(engine: Engine) -> None:
    for _ in range(3):
        publish(engine, "lapse", write(engine))
    assert stored(engine) == [2, 3]
    with reading(engine) as connection:
        assert connection.scalar(select(func.count()).select_from(scores)) == 6


def test_rolling_back_serves_the_previous_set_again(engine: Engine) -> None:
    first, second = write(engine), write(engine, model_version="8")
    for number in (first, second, first):
        publish(engine, "lapse", number)
    assert served(engine) is not None
    assert stored(engine) == [first, second]


def test_outcomes_are_published_apart(engine: Engine) -> None:
    lapse, churn = write(engine), write(engine, outcome="churn")
    publish(engine, "lapse", lapse)
    publish(engine, "churn", churn)
    assert [s and s.score_set_id for s in (served(engine), served(engine, "churn"))] == [lapse, churn]


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (THREE.drop(columns="band"), "lack the column 'band'"),
        (rows(("k", "a", "scored", None, "low")), "scored without a probability in 0..1, first 'k'"),
        (rows(("k", "a", "scored", 1.2, "low")), "scored without a probability"),
        (rows(("k", "a", "scored", 0.2, None)), "scored without a band"),
        (rows(("k", "a", "left", 0.2, None)), "have a probability but are not scored"),
        (rows(("k", "a", "gone", None, None)), "status that is none of"),
        (rows(("k", "a", "left", None, None), ("k", "b", "left", None, None)), "come twice"),
    ],
)
def test_bad_rows_are_refused_and_nothing_is_written(engine: Engine, frame: pd.DataFrame, message: str) -> None:
    with pytest.raises(ScoreSetError, match=message):
        write(engine, frame)
    assert stored(engine) == []


def test_publishing_a_set_that_is_not_there_is_refused(engine: Engine) -> None:
    number = write(engine)
    with pytest.raises(ScoreSetError, match="score set 99 does not exist; `tenure score`"):
        publish(engine, "lapse", 99)
    with pytest.raises(ScoreSetError, match="belongs to outcome 'lapse'"):
        publish(engine, "churn", number)


KILLED = """
import os, signal, sys
from pathlib import Path
import pandas as pd
from tenure.pipelines.store import score_rows, score_sets as s
from tenure.pipelines.settings.load import load_project
from tenure.pipelines.store import bulk
from tenure.pipelines.store.engine import project_store
engine = project_store(load_project(Path(sys.argv[1])))
batches = []
def append(*words):
    bulk.append_rows(*words)
    batches.append(words)
    if len(batches) == 3:
        os.kill(os.getpid(), signal.SIGKILL)
s.append_rows = append
score_rows.ROWS_AT_ONCE = 10
ids = [f"c{i:03d}" for i in range(100)]
frame = pd.DataFrame({"unit_id": ids, "customer_id": ids, "status": "left"})
frame = frame.assign(probability=float("nan"), band=None, reasons=None)
import datetime as dt
s.write_score_set(engine, frame, outcome="lapse", as_of=dt.date(2018, 1, 1), model_version="8",
    snapshot_id="s", created_at=dt.datetime(2018, 1, 1), definition="d", verdict="use")
"""


def test_a_killed_writer_leaves_the_published_set_as_it_was(engine: Engine, tmp_path: Path) -> None:
    number = write(engine)
    publish(engine, "lapse", number)
    ended = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], timeout=60)
    assert ended.returncode == -signal.SIGKILL
    assert stored(engine) == [number]
    publish(engine, "lapse", write(engine))


def test_a_look_up_reads_by_the_key_and_not_the_whole_set(engine: Engine) -> None:
    number = write(engine)
    if engine.dialect.name == "postgresql":
        many = [(f"u{n}", f"c{n // 2}", "scored", n / 5_000, "low") for n in range(5_000)]
        looked_up_by_the_key(engine, write(engine, rows(*many)))
        return
    with reading(engine) as connection:
        for statement in (_BY_CUSTOMER, SERVED):
            names = {"number": number, "customer": "ann", "wanted": "lapse"}
            plan = connection.execute(text(f"explain query plan {statement}"), names).all()
            assert "score_set_id=? AND customer_id=?" in str(plan)
        query = "select * from scores where score_set_id = ? and rank is not null order by rank"
        plan = connection.exec_driver_sql(f"explain query plan {query}", (number,)).all()
        assert "scores_by_rank" in str(plan)


def looked_up_by_the_key(engine: Engine, number: int) -> None:
    with following(engine) as connection:
        for statement in (_BY_CUSTOMER, SERVED):
            names = {"number": number, "customer": "c7", "wanted": "lapse"}
            sql = statement.compile(dialect=engine.dialect)
            plan = str(connection.exec_driver_sql(f"explain {sql}", names).all())
            assert re.search(r"Index Cond: \(\(score_set_id = [^)]*\) AND \(\(?customer_id\)?", plan), plan


def test_a_followed_connection_sees_each_new_set_and_holds_no_lock(engine: Engine) -> None:
    with following(engine) as connection:
        assert served_risk(connection, "lapse", "ann") == (None, [])
        for number in (1, 2, 3):
            publish(engine, "lapse", write(engine))
            assert served_risk(connection, "lapse", "nobody") == (number, [])
            assert [s.unit_id for s in served_risk(connection, "lapse", "ann")[1]] == ["k2", "k1"]
