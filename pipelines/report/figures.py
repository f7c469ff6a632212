"""Figures as they are written: always the same digits, and words where nothing could be measured."""

from __future__ import annotations

from collections.abc import Mapping

UNKNOWN = "not measurable"

DIGITS = {
    "roc_auc": 3,
    "average_precision": 3,
    "brier": 4,
    "log_loss": 4,
    "calibration_error": 4,
    "calibration_in_the_large": 4,
    "calibration_slope": 2,
    "lift_top_decile": 2,
    "precision_at_capacity": 3,
    "profit_at_capacity": 0,
}

TITLES = {
    "roc_auc": "ROC AUC",
    "average_precision": "Average precision",
    "brier": "Brier score",
    "log_loss": "Log loss",
    "calibration_error": "Calibration error",
    "calibration_in_the_large": "Calibration in the large",
    "calibration_slope": "Calibration slope",
    "lift_top_decile": "Lift in the top tenth",
    "precision_at_capacity": "Precision at capacity",
    "profit_at_capacity": "Profit at capacity",
    "selection_rate": "Share contacted",
    "true_positive_rate": "Share contacted of the cases",
}


def written(metric: str, value: float | None, *, signed: bool = False) -> str:
    """A metric's value.

    >>> written("roc_auc", 0.85564), written("brier", -0.0112, signed=True), written("brier", None)
    ('0.856', '−0.0112', 'not measurable')
    >>> written("brier", -0.00001, signed=True)
    '0.0000'
    """
    if value is None:
        return UNKNOWN
    digits = DIGITS.get(metric, 3)
    rounded = round(value, digits) or 0.0
    text = f"{rounded:{'+' if signed and rounded else ''}.{digits}f}"
    return text.replace("-", "\N{MINUS SIGN}")


def span(metric: str, found: Mapping[str, float | None], *, signed: bool = False) -> str:
    """The interval of a metric; empty where there is none.

    >>> span("roc_auc", {"mean": 0.856, "low": 0.8445, "high": 0.8656})
    '0.845 to 0.866'
    """
    low, high = found.get("low"), found.get("high")
    if low is None or high is None:
        return ""
    return f"{written(metric, low, signed=signed)} to {written(metric, high, signed=signed)}"


def of_hundred(share: float | None) -> str:
    """A share as people say it.

    >>> of_hundred(0.458), of_hundred(0.004), of_hundred(None)
    ('46', '0.4', 'not measurable')
    """
    if share is None:
        return UNKNOWN
    return f"{100 * share:.1f}" if 0 < share < 0.01 else f"{100 * share:.0f}"


def title(metric: str) -> str:
    """What a metric is called."""
    return TITLES.get(metric, metric.replace("_", " "))
