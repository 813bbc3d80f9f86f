"""What values that are not plain by themselves are saved as."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any

import numpy as np
from sklearn.preprocessing import OrdinalEncoder

from .._plain import ARRAY_KINDS, Form, register, register_finder
from ..balancing import BALANCERS
from ..boosting.structure import STRUCTURE_RULES
from ..estimators._features import new_encoder
from ..exceptions import ModelFileError
from ..objectives import OBJECTIVES, RANKING_OBJECTIVES, STAGE_LOSSES

# Objects with parameters and nothing else, by the names their users know.
PLUGINS: dict[str, type] = {
    f"{kind}:{name}": cls
    for kind, registry in {
        "objective": OBJECTIVES,
        "ranking_objective": RANKING_OBJECTIVES,
        "stage_loss": STAGE_LOSSES,
        "structure": STRUCTURE_RULES,
        "balancer": BALANCERS,
    }.items()
    for name, cls in registry.items()
}


def register_forms() -> None:
    """Register all but the parts of fitted models."""
    for name, cls in PLUGINS.items():
        register(name, Form(_pack_plugin, partial(_unpack_plugin, cls)), cls)
    register("class", Form(_pack_class, lambda fields: PLUGINS[fields["name"]]))
    register("slice", Form(_pack_slice, _unpack_slice), slice)
    register("scalar", Form(lambda v: {"value": np.asarray(v)}, _unpack_scalar))
    register("decimal", Form(lambda v: {"text": str(v)}, _unpack_decimal), Decimal)
    register(
        "datetime", Form(lambda v: {"text": v.isoformat()}, _unpack_time("datetime"))
    )
    register(
        "date",
        Form(lambda v: {"text": v.isoformat()}, _unpack_time("date")),
        datetime.date,
    )
    register("timedelta", Form(_pack_timedelta, _unpack_timedelta), datetime.timedelta)
    register(
        "random_state",
        Form(_pack_random_state, _unpack_random_state),
        np.random.RandomState,
    )
    register("encoder", Form(_pack_encoder, _unpack_encoder), OrdinalEncoder)
    for name, form in _PANDAS.items():
        register(f"pandas:{name}", form)
    register_finder(_find)


def _find(value: Any) -> str | None:
    """The names of forms that the exact type alone does not tell."""
    if isinstance(value, np.generic) and value.dtype.kind in ARRAY_KINDS:
        return "scalar"
    if isinstance(value, type):
        return "class" if value in PLUGINS.values() else None
    if type(value) is datetime.datetime:
        zone = type(value.tzinfo)
        return "datetime" if zone in (type(None), datetime.timezone) else None
    name = type(value).__name__
    if type(value).__module__.partition(".")[0] == "pandas" and name in _PANDAS:
        # Other time zones are data bases on the reader's machine.
        utc = str(getattr(value, "tz", None)) in ("None", "UTC")
        return f"pandas:{name}" if utc else None
    return None


def _pack_plugin(value: Any) -> dict[str, Any]:
    return {"params": value.get_params(deep=False)}


def _unpack_plugin(cls: type, fields: dict[str, Any]) -> Any:
    return cls(**fields["params"])


def _pack_class(value: type) -> dict[str, Any]:
    return {"name": next(name for name, cls in PLUGINS.items() if cls is value)}


def _pack_slice(value: slice) -> dict[str, Any]:
    return {"start": value.start, "stop": value.stop, "step": value.step}


def _unpack_slice(fields: dict[str, Any]) -> slice:
    return slice(fields["start"], fields["stop"], fields["step"])


def _unpack_scalar(fields: dict[str, Any]) -> Any:
    value = fields["value"]
    if not isinstance(value, np.ndarray) or value.ndim:
        raise ModelFileError(f"The model holds a scalar that is none: {value!r:.40}.")
    return value[()]


def _unpack_decimal(fields: dict[str, Any]) -> Decimal:
    text = fields["text"]
    if type(text) is not str or len(text) > 1000:
        raise ModelFileError(
            f"The model holds a decimal number that is none: {str(text)[:40]!r}."
        )
    return Decimal(text)


def _unpack_time(kind: str) -> Callable[[dict[str, Any]], Any]:
    return lambda fields: getattr(datetime, kind).fromisoformat(fields["text"])


def _pack_timedelta(value: datetime.timedelta) -> dict[str, Any]:
    return {name: getattr(value, name) for name in ("days", "seconds", "microseconds")}


def _unpack_timedelta(fields: dict[str, Any]) -> datetime.timedelta:
    return datetime.timedelta(**fields)


def _pack_random_state(value: np.random.RandomState) -> dict[str, Any]:
    state = value.get_state(legacy=False)
    if state["bit_generator"] != "MT19937":
        raise ModelFileError(
            "A RandomState is saved if its generator is MT19937. Got "
            f"{state['bit_generator']}: use an integer for 'random_state'."
        )
    return {
        "key": state["state"]["key"],
        "pos": int(state["state"]["pos"]),
        "has_gauss": int(state["has_gauss"]),
        "gauss": float(state["gauss"]),
    }


def _unpack_random_state(fields: dict[str, Any]) -> np.random.RandomState:
    key, pos = fields["key"], fields["pos"]
    good = isinstance(key, np.ndarray) and (key.dtype, key.shape) == (np.uint32, (624,))
    # NumPy would read beyond the key.
    if not good or type(pos) is not int or not 0 <= pos <= 624:
        raise ModelFileError("The model holds the state of no random generator.")
    state = np.random.RandomState()
    state.set_state(("MT19937", key, pos, fields["has_gauss"], fields["gauss"]))
    return state


def _pack_encoder(value: OrdinalEncoder) -> dict[str, Any]:
    if str(value.get_params()) != str(new_encoder().get_params()):
        raise ModelFileError(
            f"A model file does not hold {value!r:.200}: save the model with joblib."
        )
    return {"categories": value.categories_[0]}


def _unpack_encoder(fields: dict[str, Any]) -> OrdinalEncoder:
    categories = fields["categories"]
    encoder = new_encoder().fit(categories[:, None])
    if len(encoder.categories_[0]) != len(categories):
        raise ModelFileError("The model holds categories that occur twice.")
    return encoder


def _pandas() -> Any:
    try:
        import pandas as pd
    except ImportError as error:
        raise ImportError(
            "The model has categories or labels of pandas' types. Install pandas: "
            "pip install 'skmo[pandas]'."
        ) from error
    return pd


def _unpack_timestamp(fields: dict[str, Any]) -> Any:
    time = _pandas().Timestamp(_unpack_scalar(fields))
    return time.tz_localize("UTC") if fields["utc"] else time


_PANDAS = {
    "Timestamp": Form(
        lambda v: {"value": np.asarray(v.to_datetime64()), "utc": v.tz is not None},
        _unpack_timestamp,
    ),
    "Timedelta": Form(
        lambda v: {"value": np.asarray(v.to_timedelta64())},
        lambda fields: _pandas().Timedelta(_unpack_scalar(fields)),
    ),
    "Interval": Form(
        lambda v: {"left": v.left, "right": v.right, "closed": v.closed},
        lambda fields: _pandas().Interval(**fields),
    ),
    "Period": Form(
        lambda v: {"ordinal": v.ordinal, "freq": v.freqstr},
        lambda fields: _pandas().Period(**fields),
    ),
}
