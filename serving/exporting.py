"""The list as others take it: one row a unit with fixed columns, as CSV, XLSX or JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import xlsxwriter

COLUMNS = (
    "customer_id", "unit_id", "external_ids", "name", "churn_probability", "risk_band", "risk_rank", "risk_percentile",
    "previous_probability", "change_7d", "change_30d", "value_at_risk", "last_activity_at", "days_since_last_activity",
    "tenure_days", "plan", "renewal_date", "open_tickets", "tickets_91d", "last_csat", "reason_1", "reason_2",
    "reason_3", "reason_1_code", "suggested_action", "owner", "holdout", "status", "scored_at", "updated_at", "as_of",
    "model_version", "outcome", "horizon_days", "label_definition", "value", "expected_profit", "contact",
    "probability_low", "probability_high", "low_confidence",
)  # fmt: skip
"""Columns of every export, always all of them and in this order."""

BOM = "\ufeff"
"""By which Excel knows UTF-8."""

TYPES = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
}
Record = Mapping[str, Any]


def as_csv(records: Sequence[Record], *, bom: bool = False) -> Iterator[str]:
    """Lines of CSV; no cell can be taken for a formula."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    out.write(BOM if bom else "")
    writer.writerow(COLUMNS)
    for record in records:
        writer.writerow([_cell(record[name]) for name in COLUMNS])
        yield out.getvalue()
        out.seek(0)
        out.truncate()
    yield out.getvalue()


def as_xlsx(records: Sequence[Record]) -> bytes:
    """A workbook with one sheet: texts as texts (ids too, which Excel would round), figures as figures."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet("at risk")
        head = book.add_format({"bold": True})
        sheet.write_row(0, 0, COLUMNS, head)
        for place, record in enumerate(records, start=1):
            for column, name in enumerate(COLUMNS):
                _put(sheet, place, column, record[name])
        sheet.freeze_panes(1, 2)
        sheet.autofilter(0, 0, max(len(records), 1), len(COLUMNS) - 1)
    return out.getvalue()


def as_json(records: Sequence[Record], **about: Any) -> str:
    """One object: what is said about the export, then its rows."""
    rows = [{name: record[name] for name in COLUMNS} for record in records]
    return json.dumps({**about, "rows": rows}, ensure_ascii=False, allow_nan=False)


def inert(cell: str) -> str:
    """Keep a spreadsheet from running a cell as a formula; plain numbers stay as they are.

    >>> inert("=1+1"), inert("-5.2"), inert("ann")
    ("'=1+1", '-5.2', 'ann')
    """
    if not cell.startswith(("=", "+", "-", "@", "\t", "\r")) or cell.lstrip("+-").replace(".", "", 1).isdigit():
        return cell
    return "'" + cell


def _cell(value: Any) -> Any:
    if isinstance(value, dict):
        value = json.dumps(value, ensure_ascii=False) if value else None
    if isinstance(value, bool):
        return "true" if value else "false"
    return inert(value) if isinstance(value, str) else value


def _put(sheet: Any, row: int, column: int, value: Any) -> None:
    if isinstance(value, dict):
        value = json.dumps(value, ensure_ascii=False) if value else None
    if value is None:
        return
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, str):
        sheet.write_string(row, column, value)
    else:
        sheet.write_number(row, column, value)
