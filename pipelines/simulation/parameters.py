"""The parameters of a world, from a TOML file: how often things happen, and how strongly they drive people away."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError

from tenure.pipelines.catalogue import did_you_mean
from tenure.pipelines.settings.frozen import Frozen, Name

WORLDS = ("plain", "weak", "hostile")
"""The parameter files that come with Tenure."""


class WorldFileError(ValueError):
    """A file of parameters is missing, is not TOML, or holds a value that cannot be meant."""


class Strength(Frozen):
    """What one unit of each cause adds to the logarithm of the hazard.

    A unit of `service` is one trouble felt in full; of `use`, usage that fell to 37 % of what it was; of `price`, a
    rise by 10 %; of `contract`, a renewal that is near or a contract that is new; of `life`, an event in the
    customer's life of which nobody tells us. `hidden` is the standard deviation of what differs between customers
    for ever, and which nobody sees.
    """

    service: float = Field(0.0, ge=0, le=5)
    use: float = Field(0.0, ge=0, le=5)
    price: float = Field(0.0, ge=0, le=5)
    contract: float = Field(0.0, ge=0, le=5)
    life: float = Field(0.0, ge=0, le=5)
    hidden: float = Field(0.0, ge=0, le=2)


class Rates(Frozen):
    """How often things happen: shares a week, or of cases; `kept` is what is still felt of a cause a week later."""

    cases: float = Field(0.06, ge=0, le=1)
    slow: float = Field(0.2, ge=0, le=1)
    promised: float = Field(0.35, ge=0, le=1)
    broken: float = Field(0.3, ge=0, le=1)
    passed_on: float = Field(0.25, ge=0, le=1)
    left_alone: float = Field(0.4, ge=0, le=1)
    escalated: float = Field(0.06, ge=0, le=1)
    reopened: float = Field(0.12, ge=0, le=1)
    waning: float = Field(0.012, ge=0, le=1)
    recovering: float = Field(0.12, ge=0, le=1)
    life: float = Field(0.008, ge=0, le=1)
    price_rises: float = Field(0.7, ge=0, le=1)
    service_kept: float = Field(0.88, ge=0, lt=1)
    price_kept: float = Field(0.96, ge=0, lt=1)
    life_kept: float = Field(0.8, ge=0, lt=1)


class Response(Frozen):
    """What a retention contact does: it moves the logarithm of the hazard for `days` days, below 0 for the better.

    `everybody` is the same for all; `service`, `price` and `use` come on top for each unit of these causes felt at the
    time of the contact (up to two); `hidden` is the standard deviation of what differs between customers besides.
    """

    everybody: float = Field(0.0, ge=-3, le=3)
    service: float = Field(0.0, ge=-3, le=3)
    price: float = Field(0.0, ge=-3, le=3)
    use: float = Field(0.0, ge=-3, le=3)
    hidden: float = Field(0.0, ge=0, le=2)
    days: int = Field(56, ge=1, le=364)


class Records(Frozen):
    """How the world is written down.

    `late_outcomes_days`: ends of contracts are known up to so many days late. `weekly_support`: what happened in
    support is known on the Monday after. `gap_weeks` weeks of usage are lost, half a year before the end.
    `choosy`: offers go to those in trouble, and those in trouble do not answer surveys.
    """

    late_outcomes_days: int = Field(0, ge=0, le=27)
    weekly_support: bool = False
    gap_weeks: int = Field(0, ge=0, le=8)
    choosy: bool = False


class Parameters(Frozen):
    """A world: `base_rate` of its customers leave within 28 days; see the sections for the rest.

    `form` says how causes become a hazard: `additive`, or `threshold`, where trouble counts only from a whole unit on,
    lost use only from half a unit on, and a higher price only for whoever uses less than before.
    """

    name: Name
    base_rate: float = Field(gt=0, lt=0.5)
    form: Literal["additive", "threshold"] = "additive"
    value_spread: float = Field(0.6, ge=0, le=1.5)
    strength: Strength = Strength()
    rates: Rates = Rates()
    response: Response = Response()
    records: Records = Records()

    def without_signal(self) -> Parameters:
        """The same world in which nothing drives anybody away, so that all leave at the base rate.

        What differs between customers for ever has to go too: those who stayed long would be those who stay, and the
        age of a contract would tell. For the same reason the end of a contract is known at once.
        """
        records = self.records.model_copy(update={"late_outcomes_days": 0})
        return self.model_copy(update={"strength": Strength(), "records": records})

    def without_effect(self) -> Parameters:
        """The same world in which a contact changes nothing."""
        return self.model_copy(update={"response": Response()})


def load_world(name: str, *, no_signal: bool = False, no_effect: bool = False) -> Parameters:
    """Read a world: one of `WORLDS`, or the path of a TOML file.

    >>> load_world("plain").base_rate
    0.05
    >>> load_world("plain", no_signal=True).strength.service
    0.0
    """
    found = _parsed(name, _text(name))
    if no_signal:
        found = found.without_signal()
    return found.without_effect() if no_effect else found


def _text(name: str) -> str:
    if name in WORLDS:
        return (files("tenure.pipelines.simulation") / "worlds" / f"{name}.toml").read_text(encoding="utf-8")
    file = Path(name)
    if not file.is_file():
        hint = did_you_mean(name, WORLDS)
        raise WorldFileError(f"{name}: expected {', '.join(WORLDS)} or the path of a TOML file, found neither{hint}")
    return file.read_text(encoding="utf-8")


def _parsed(name: str, text: str) -> Parameters:
    try:
        content: dict[str, Any] = tomllib.loads(text)
        return Parameters.model_validate(content)
    except tomllib.TOMLDecodeError as error:
        raise WorldFileError(f"{name}: is not readable as TOML: {error}") from error
    except ValidationError as error:
        lines = [f"  {'.'.join(map(str, e['loc']))}: {e['msg']}, found {e['input']!r}" for e in error.errors()]
        raise WorldFileError("\n".join([f"{name}:", *lines])) from error
