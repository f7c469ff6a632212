"""The ledger of looks at the report origins."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Engine

from tenure.pipelines.store.ledger import looks, record_look


def test_looks_are_appended_and_read_in_order(engine: Engine) -> None:
    for auc in (0.85, 0.86):
        record_look(
            engine,
            looked_at=dt.datetime(2018, 1, 1, 13, tzinfo=dt.timezone(dt.timedelta(hours=1))),
            outcome="lapse",
            origins=[dt.date(2017, 12, 4)],
            config="abc",
            result={"roc_auc": auc},
        )
    found = looks(engine, "lapse")
    assert [look.result for look in found] == [{"roc_auc": 0.85}, {"roc_auc": 0.86}]
    assert (found[0].looked_at, found[0].origins) == (dt.datetime(2018, 1, 1, 12), ["2017-12-04"])
    assert looks(engine, "churn") == []
