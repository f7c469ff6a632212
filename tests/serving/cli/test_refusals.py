"""What cannot be used is refused in a sentence with the remedy, ends with 1, and loses nothing."""

from __future__ import annotations

import json
import socket

import pytest
from command import program, tenure
from shop import HEAD, Sale, project_text, sales, write_project, write_sales

SOME = sales(40)
LINES = "\n".join(f"a,2024-{month:02d}-{day:02d},1,web" for month in (1, 2, 3) for day in range(1, 20))


@pytest.fixture
def shop(tmp_path):
    """A small shop whose data were brought in and then replaced by something bad."""
    folder = write_project(tmp_path / "shop", SOME)
    assert tenure("check", folder).code == 0
    return folder


@pytest.fixture
def refused(shop):
    """Run `tenure check`, which must refuse, and then with the good data, which must be as before."""

    def refused(*words, file="sales.csv", text=None):
        if text is not None:
            (shop / file).write_text(text)
        ran = tenure(*(words or ("check", shop)))
        assert (ran.code, ran.out) == (1, "")
        assert "Traceback" not in ran.err
        write_project(shop, SOME)
        assert f"{len(SOME):,}" in tenure("check", shop).out
        return ran.said

    return refused


def rows(*lines, head=",".join(HEAD)):
    return "\n".join([head, *lines]) + "\n"


def test_an_error_is_a_sentence_not_a_trace(tmp_path):
    ran = program("check", tmp_path / "nowhere.toml")
    assert ran.code == 1
    assert ran.err == f"error {tmp_path / 'nowhere.toml'}: no such project file; `tenure init` writes one\n"


@pytest.mark.parametrize(
    "words", [["nonsense"], ["score", "--as-of", "soon"], ["list", "--format", "xml"], ["list", "--capacity", "0"]]
)
def test_wrong_use_ends_with_2(shop, words):
    ran = tenure(*words[:1], shop, *words[1:])
    assert (ran.code, ran.out) == (2, "")
    assert "Usage: tenure" in ran.err


def test_a_missing_file_is_named_with_the_nearest(shop, refused):
    said = refused(file="tenure.toml", text=project_text(files='"sale.csv"'))
    assert "source 'sales': no file" in said
    assert "did you mean 'sales.csv'?" in said


def test_an_empty_file_is_named(refused):
    assert "sales.csv is empty (0 bytes); expected a header and rows" in refused(text="")


def test_a_column_that_the_mapping_invents_is_named_with_the_nearest(refused):
    select = "\"select customer_id, ocurred_at as occurred_at, 'purchase' as kind from source\""
    said = refused(file="tenure.toml", text=project_text(select=select))
    assert "'ocurred_at'" in said or '"ocurred_at"' in said
    assert "did you mean" in said
    assert "occurred_at" in said


PLAIN = "\"select customer_id, occurred_at, 'purchase' as kind, amount::double as amount from source\""


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("a,the other day,1,web", "occurred_at is not a time in ISO-8601"),
        ("a,2024-03-01T10:00:00,1,web", "occurred_at has no time zone: set timezone on the source"),
        ("a,2199-01-01,1,web", "in the future: use due_at"),
        ("a,2024-03-01,inf,web", "amount is not a finite number"),
        (",2024-03-01,1,web", "no customer"),
    ],
)
def test_rows_past_the_allowed_share_stop_the_import(shop, refused, line, reason):
    (shop / "tenure.toml").write_text(project_text(select=PLAIN))
    said = refused(text=rows(*LINES.splitlines(), *[line] * 19))
    assert "source 'sales': 19 of 76 rows (25.0%) cannot be used, more than max_quarantined = 0.01" in said
    assert reason in said


def test_a_quarter_without_a_customer_is_counted_where_that_is_allowed(shop):
    text = project_text(select=PLAIN).replace('name = "sales"', 'name = "sales"\nmax_quarantined = 0.3')
    (shop / "tenure.toml").write_text(text)
    (shop / "sales.csv").write_text(rows(*LINES.splitlines(), *[",2024-03-01,1,web"] * 19))
    ran = tenure("check", shop)
    assert ran.code == 0
    assert "19 of 76 rows are in quarantine (19 x no customer)" in " ".join(ran.out.split())


def test_an_id_with_two_contents_stops_the_import(shop, refused):
    text = project_text(select=PLAIN.replace("customer_id,", "channel as interaction_id, customer_id,", 1))
    (shop / "tenure.toml").write_text(text)
    assert "duplicate id with different content" in refused(text=rows("a,2024-03-01,1,i1", "a,2024-03-01,2,i1"))


def test_zones_may_be_mixed_and_are_one_time_line(shop):
    (shop / "tenure.toml").write_text(project_text(select=PLAIN))
    (shop / "sales.csv").write_text(rows("a,2024-03-01T23:30:00-05:00,1,web", "a,2024-03-02T05:30:00+01:00,1,web"))
    found = json.loads(tenure("check", shop, "--json").out)["sources"][0]
    assert found["first"] == found["last"] == "2024-03-02 04:30:00+00:00"


def test_an_unknown_key_is_named_with_the_nearest(shop, refused):
    said = refused(file="tenure.toml", text=project_text().replace("horizon_days", "horizon_dais"))
    assert "outcome.lapse.horizon_dais: is not a known key; did you mean 'horizon_days'?" in said


def test_an_unknown_outcome_is_named_with_those_there_are(shop, refused):
    said = refused("backtest", shop, "--outcome", "laps")
    assert "outcome 'laps' is not in the project file; did you mean 'lapse'?" in said


def test_an_origin_past_the_watermark_is_told_the_latest_possible(shop, refused):
    said = refused("backtest", shop, "--origin", "2024-12-20")
    assert "origin 2024-12-20: the label of 'lapse' exists from 2025-01-17" in said
    assert "complete only until 2024-12-29; choose an origin no later than 2024-12-01" in said


def test_an_outcome_that_never_happens_is_told(shop, refused):
    daily = {sale.occurred_at.date(): sale.occurred_at for sale in SOME}.values()
    write_sales(shop / "sales.csv", [Sale(f"c{n}", moment, 1.0, "web") for n in range(20) for moment in daily])
    said = refused("train", shop)
    assert "at least 10 positives to learn from, found 0 among 120 examples; widen the outcome or give more" in said


def test_one_customer_is_too_few_to_learn_from(shop, refused):
    write_sales(shop / "sales.csv", [Sale("one", sale.occurred_at, 1.0, "web") for sale in SOME])
    assert "needs at least 40 rows to learn from, found 6 among 6 examples" in refused("train", shop)


def test_before_any_training_score_and_list_name_the_remedy(shop, refused):
    assert "no version of model 'shop-lapse' is 'champion'; `tenure train` fits and registers one" in refused(
        "score", shop
    )
    assert "no published scores; run `tenure train` and `tenure score`" in refused("list", shop)


def test_a_taken_port_is_named(shop, refused):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert f"port {port} of 127.0.0.1 cannot be used" in refused("serve", shop, "--port", port)
