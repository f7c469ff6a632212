"""Any other tool, by a mapping file; Zammad's webhook as the example."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tenure.pipelines.importers.mapped.mapping import MappingFileError, load_mapping
from tenure.pipelines.importers.run import import_mapped
from tenure.pipelines.importers.tool import Reading

SHARED = Path(__file__).resolve().parents[4] / "shared" / "fixtures"
ZAMMAD = Path(__file__).with_name("zammad.toml")
SURVEYS = """
name = "surveys"

[[rule]]
files = "answers*.csv"
timezone = "Europe/Warsaw"
[rule.columns]
customer_id = "who"
occurred_at = "at"
kind = { value = "survey_answered" }
rating = { from = "stars", low = 1, high = 5 }
"""


@pytest.fixture
def mapped(tmp_path, columns):
    def mapped(mapping, files, **options):
        folder = tmp_path / "export"
        folder.mkdir(exist_ok=True)
        for name, content in files.items():
            (folder / name).write_text(content if isinstance(content, str) else json.dumps(content))
        file = tmp_path / "mapping.toml"
        file.write_text(mapping)
        report = import_mapped(folder, load_mapping(file), out=tmp_path / "feed", **options)
        return report, lambda *names: columns(report.feed.interactions, *names)

    return mapped


def test_the_webhook_of_zammad_is_read_by_its_mapping(mapped, require, columns):
    payload = require(SHARED / "zammad-webhook" / "default_payload.shortened.json").read_text()
    report, rows = mapped(ZAMMAD.read_text(), {"payload.json": payload})
    assert rows("interaction_id", "occurred_at", "kind", "channel", "direction", "case_id", "agent_id", "text") == [
        ("ticket-81", "2020-11-13 14:34:35", "contact_opened", "phone", "inbound", "81", None, None),
        (
            "article-104",
            "2020-11-13 14:34:35",
            "message_in",
            "phone",
            "inbound",
            "81",
            None,
            "This is a simple Webhook Test.<div><br></div>",
        ),
    ]
    assert columns(report.feed.identities, "external_id", "customer_id", where="source = 'zammad'") == [
        ("8", "emily@example.com")
    ]


def test_an_internal_article_of_zammad_is_no_message(mapped):
    article = {"id": 2, "internal": True, "sender": "Agent", "type": "note", "created_at": "2024-03-01T10:00:00Z"}
    hook = {
        "ticket": {
            "id": 1,
            "customer_id": 8,
            "created_at": "2024-03-01T10:00:00Z",
            "article_count": 2,
            "customer": {"email": "a@example.com"},
        },
        "article": article,
    }
    said = hook | {"article": article | {"id": 3, "internal": False, "type": "email", "created_by_id": 5}}
    _, rows = mapped(ZAMMAD.read_text(), {"log.ndjson": json.dumps(hook) + "\n" + json.dumps(said)})
    assert rows("interaction_id", "kind", "direction") == [("article-3", "message_out", "outbound")]


def test_a_table_is_read_with_its_scale_and_its_zone(mapped):
    report, rows = mapped(
        SURVEYS,
        {"answers.csv": "who,at,stars\nanna,2024-03-01 10:00,4\nbert,2024-03-02 10:00,1\n", "notes.csv": "a\n1\n"},
    )
    assert rows("external_id", "occurred_at", "rating") == [
        ("anna", "2024-03-01 09:00:00", 0.75),
        ("bert", "2024-03-02 09:00:00", 0.0),
    ]
    assert report.matched_share == 1.0
    assert report.skipped == {"no rule of the mapping is about it": 1}


def test_importing_again_changes_nothing_even_without_ids(mapped):
    files = {"answers.csv": "who,at,stars\nanna,2024-03-01 10:00,4\n"}
    _, rows = mapped(SURVEYS, files)
    before = rows("interaction_id", "known_at")
    report, rows = mapped(SURVEYS, files)
    assert (rows("interaction_id", "known_at"), report.entered.held) == (before, 1)


def test_unusable_rows_go_to_quarantine_with_their_reason(mapped, columns):
    content = "who,at,stars\nanna,2024-03-01 10:00,4\n,2024-03-01 10:00,4\nbert,yesterday,4\nbert,,4\nbert,2024-03-01 10:00,9\nbert,2024-03-01 10:00,many\n"
    report, rows = mapped(SURVEYS, {"answers.csv": content})
    assert rows("external_id") == ["anna"]
    assert sorted(
        zip(columns(report.feed.quarantine, "number"), columns(report.feed.quarantine, "reason"), strict=True)
    ) == [
        (3, "no customer"),
        (4, "expected a time, found 'yesterday'"),
        (5, "occurred_at is missing"),
        (6, "rating is outside 0 to 1: give its scale by `low` and `high`"),
        (7, "rating is not a number"),
    ]


def test_a_word_outside_the_table_leaves_the_row_out_and_an_unknown_channel_is_named(mapped):
    mapping = SURVEYS.replace(
        'kind = { value = "survey_answered" }',
        'kind = { from = "what", words = { opened = "contact_opened" } }\nchannel = "by"',
    ).replace('rating = { from = "stars", low = 1, high = 5 }', "")
    report, rows = mapped(
        mapping,
        {
            "answers.csv": "who,at,what,by\nanna,2024-03-01 10:00,opened,email\nanna,2024-03-01 10:00,seen,email\nanna,2024-03-01 10:00,opened,pigeon\n"
        },
    )
    assert rows("kind", "channel") == [("contact_opened", "email")]
    assert report.skipped == {"a kind that the mapping leaves out": 1}
    assert report.quarantined == {"unknown channel 'pigeon': give it a table of `words`": 1}


def test_lists_profiles_and_attributes_without_what_is_ours(mapped, columns):
    mapping = """
name = "desk"
[[rule]]
records = "items"
columns = { interaction_id = "id", external_id = "who.id", occurred_at = "at", kind = { value = "contact_opened" } }
attributes = { tags = "tags", band = "tenure_band", "field 5" = "custom.5" }
[[rule]]
records = "items"
into = "profiles"
columns = { external_id = "who.id", name = "fact", value = "worth", occurred_at = "at" }
"""
    items = [
        {
            "id": n,
            "at": 1709287200 + n,
            "who": {"id": 9},
            "tags": ["vip", "churn_risk_high"],
            "tenure_band": "high",
            "custom": {"5": "x"},
            "fact": fact,
            "worth": 3,
        }
        for n, fact in ((1, "plan"), (2, "tenure_score"))
    ]
    report, rows = mapped(mapping, {"page.json": {"items": items, "next": None}}, reading=Reading())
    assert rows("attributes") == [{"tags": "vip", "field 5": "x"}] * 2
    assert columns(report.feed.profiles, "name", "value") == [("plan", "3")]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("customer_id", "custmer_id"), "'custmer_id' is no column of interactions; did you mean 'customer_id'?"),
        (('customer_id = "who"', ""), "a rule into interactions must give external_id or customer_id"),
        (("high = 5", "heigh = 5"), "rule.0.columns.rating.heigh: Extra inputs are not permitted"),
        (("low = 1, high = 5", "low = 1"), "a scale needs `low` and `high`"),
        (("Europe/Warsaw", "Europe/Warsow"), "rule.0.timezone"),
        (('name = "surveys"', "name = "), "is not readable as TOML"),
    ],
)
def test_a_mistake_in_the_mapping_is_named(mapped, change, said):
    with pytest.raises(MappingFileError) as error:
        mapped(SURVEYS.replace(*change), {"answers.csv": "who,at,stars\n"})
    assert said in str(error.value)


def test_a_mapping_that_is_not_there_is_named(tmp_path):
    with pytest.raises(MappingFileError, match="no such mapping file"):
        load_mapping(tmp_path / "absent.toml")
