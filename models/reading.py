"""LightGBM for who reads models: without scikit-learn, which takes longer to import, where nothing is fitted."""

from __future__ import annotations

import sys
from threading import Event
from types import ModuleType

_fits_nothing = Event()


def fit_nothing() -> None:
    """Tell that this process will use models and fit none, so that it need not wait for scikit-learn.

    Who fits needs it anyway, and on some processors it has to be imported before LightGBM.
    """
    _fits_nothing.set()


def reader() -> ModuleType:
    """LightGBM; after `fit_nothing`, as if scikit-learn were not installed.

    LightGBM takes from it only base classes of an interface that Tenure does not use.
    """
    lean = _fits_nothing.is_set() and not {"lightgbm", "sklearn"} & sys.modules.keys()
    if lean:
        sys.modules["sklearn"] = None  # type: ignore[assignment]  # an import of it raises ImportError
    try:
        import lightgbm
    finally:
        if lean:
            del sys.modules["sklearn"]
    return lightgbm
