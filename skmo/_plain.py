"""Values as plain data, and back: what pickles and model files hold.

Plain data are None, bool, int, float, str, arrays of fixed size, lists of plain data,
and dicts of them with a "type". Nothing in them names a module or is called when they
are read: a type is looked up in tables.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ._state import STATE_FORMAT, migrated, stamped, unstamped
from .exceptions import ModelFileError

_SIMPLE = (type(None), bool, int, float, str)
_DAMAGED = "It is damaged, or not skmo's own: save the model again, or fit it again."
# Kinds of NumPy's dtypes whose bytes say all.
ARRAY_KINDS = "biufUSMm"


@dataclass(frozen=True)
class Form:
    """How values of one type become plain data.

    Attributes
    ----------
    pack : callable
        From a value to a dict of values, which are made plain in turn.
    unpack : callable
        From that dict to the value. It must not trust what it is given.
    shared : bool, default=False
        Whether pickles hold it as an object of its own, which several may share.
    """

    pack: Callable[[Any], dict[str, Any]]
    unpack: Callable[[dict[str, Any]], Any]
    shared: bool = False


# By name and by exact type. `skmo.persistence` registers what models are made of.
_FORMS: dict[str, Form] = {}
_NAMES: dict[type, str] = {}
# Finds the name of a value whose type is not imported here (pandas' scalars).
_FINDERS: list[Callable[[Any], str | None]] = []


def register(name: str, form: Form, cls: type | None = None) -> None:
    """Let values of exactly this class be saved under a name."""
    _FORMS[name] = form
    if cls is not None:
        _NAMES[cls] = name


def register_finder(finder: Callable[[Any], str | None]) -> None:
    """Let values be saved whose form's name a function tells."""
    _FINDERS.append(finder)


def _form_of(value: Any) -> str | None:
    name = _NAMES.get(type(value))
    if name is not None:
        return name
    return next((found for finder in _FINDERS if (found := finder(value))), None)


@dataclass
class Packer:
    """Makes values plain.

    Attributes
    ----------
    custom : mapping of str to class or function
        The user's own, which are saved by name, with the parameters of instances.
    pickling : bool
        Whether what has no plain form is left as it is, for pickle to see to.
    """

    custom: Mapping[str, Any] = field(default_factory=dict)
    pickling: bool = False

    def __call__(self, value: Any, where: str) -> Any:
        """Plain data of a value; ``where`` it was found is said in errors.

        Raises
        ------
        ModelFileError
            For a value that has no plain form.
        """
        if type(value) in _SIMPLE:
            return value
        if type(value) is np.ndarray:
            return self._array(value, where)
        if type(value) in (list, tuple):
            items = [self(item, f"{where}[{i}]") for i, item in enumerate(value)]
            return items if type(value) is list else {"type": "tuple", "items": items}
        if type(value) is dict:
            keys = [self(key, f"a key of {where}") for key in value]
            values = [self(part, f"{where}[{key!r}]") for key, part in value.items()]
            return {"type": "dict", "keys": keys, "values": values}
        name = _form_of(value)
        if name is None:
            return self._custom(value, where)
        form = _FORMS[name]
        if form.shared and self.pickling:
            return {"type": "object", "object": value}
        return {"type": name, **self.fields(form.pack(value), where)}

    def fields(self, state: Mapping[str, Any], where: str = "") -> dict[str, Any]:
        """Plain data of each value of a dict."""
        dot = f"{where}." if where else ""
        return {name: self(value, f"{dot}{name}") for name, value in state.items()}

    def _array(self, array: np.ndarray, where: str) -> Any:
        if array.dtype.kind in ARRAY_KINDS:
            return array
        if array.dtype.kind != "O":
            return self._kept(array, where)
        items = array.ravel().tolist()
        shape = list(array.shape)
        if items and all(type(item) is str for item in items):
            parts = [item.encode("utf-8", "surrogatepass") for item in items]
            return {
                "type": "strings",
                "shape": shape,
                "utf8": np.frombuffer(b"".join(parts), dtype=np.uint8),
                "lengths": np.array([len(part) for part in parts], dtype=np.int64),
            }
        return {"type": "array", "shape": shape, "items": self(items, where)}

    def _custom(self, value: Any, where: str) -> dict[str, Any]:
        for name, known in self.custom.items():
            if value is known:
                return {"type": "custom", "name": name}
            if type(value) is known:
                if not hasattr(value, "get_params"):
                    raise ModelFileError(
                        f"{where} is an instance of {name}, which has no get_params. "
                        "Let it inherit from sklearn.base.BaseEstimator."
                    )
                params = self(value.get_params(deep=False), where)
                return {"type": "custom", "name": name, "params": params}
        return self._kept(value, where)

    def _kept(self, value: Any, where: str) -> dict[str, Any]:
        if self.pickling:
            return {"type": "object", "object": value}
        kind = value if isinstance(value, type) else type(value)
        raise ModelFileError(
            f"{where} is {value!r:.200} ({kind.__module__}.{kind.__qualname__}), which "
            "a model file does not hold. Use numbers, text, lists, NumPy arrays or "
            "objects of skmo's own, name a class or function of yours in "
            "'custom_objects', or save the model with joblib."
        )


@dataclass
class Unpacker:
    """Makes values of plain data.

    Attributes
    ----------
    custom : mapping of str to class or function
        What the user vouches for.
    pickling : bool
        Whether there may be objects that pickle has seen to.
    format : int
        Number of the format that the data are in.
    """

    custom: Mapping[str, Any] = field(default_factory=dict)
    pickling: bool = False
    format: int = STATE_FORMAT

    def __call__(self, plain: Any) -> Any:
        """The value of plain data.

        Raises
        ------
        ModelFileError
            For data that are not plain or of an unknown type. What they say may still
            be nonsense, and other errors may come of it.
        """
        if isinstance(plain, np.ndarray) or type(plain) in _SIMPLE:
            return plain
        if type(plain) is list:
            return [self(item) for item in plain]
        if type(plain) is not dict or type(plain.get("type")) is not str:
            raise ModelFileError(
                f"The model holds data that are not plain, a {type(plain).__name__}. "
                f"{_DAMAGED}"
            )
        fields = {name: part for name, part in plain.items() if name != "type"}
        name = plain["type"]
        if name == "object" and self.pickling:
            return fields["object"]
        fields = self.fields(self.migrated(name, fields))
        if name == "custom":
            return self._custom(fields)
        if name in _BASIC:
            return _BASIC[name](**fields)
        if name not in _FORMS:
            raise ModelFileError(f"The model holds an unknown {name!r:.40}. {_DAMAGED}")
        return _FORMS[name].unpack(fields)

    def migrated(self, name: str, fields: dict[str, Any]) -> dict[str, Any]:
        """The plain fields of something, in the present format."""
        return migrated(name, fields, self.format)

    def fields(self, plain: Mapping[str, Any]) -> dict[str, Any]:
        """The values of a dict of plain data."""
        return {name: self(part) for name, part in plain.items()}

    def _custom(self, fields: dict[str, Any]) -> Any:
        name = str(fields["name"])
        if name not in self.custom:
            raise ModelFileError(
                f"The model holds {name!r:.40}, which is not skmo's own. If you have "
                f"and trust it, pass it: load_model(..., custom_objects=[{name:.40}])."
            )
        if "params" in fields:
            return self.custom[name](**fields["params"])
        return self.custom[name]


def _objects(shape: list[int], items: list[Any]) -> np.ndarray:
    array = np.empty(len(items), dtype=object)
    for i, item in enumerate(items):
        array[i] = item
    return array.reshape(shape)


def _strings(shape: list[int], utf8: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    if len(lengths) and (lengths.min() < 0 or lengths.sum() != utf8.size):
        raise ModelFileError(
            f"The model holds {utf8.size} bytes of strings whose lengths are "
            f"{lengths[:8].tolist()}. {_DAMAGED}"
        )
    data, ends = utf8.tobytes(), np.cumsum(lengths).tolist()
    starts = [0, *ends[:-1]]
    items = [
        data[start:end].decode("utf-8", "surrogatepass")
        for start, end in zip(starts, ends, strict=True)
    ]
    return _objects(shape, items)


_BASIC: dict[str, Callable[..., Any]] = {
    "array": _objects,
    "strings": _strings,
    "tuple": lambda items: tuple(items),
    "dict": lambda keys, values: dict(zip(keys, values, strict=True)),
}


def pack_state(state: Mapping[str, Any]) -> dict[str, Any]:
    """Fields for a pickle: plain, and with skmo's version."""
    return stamped(Packer(pickling=True).fields(state))


def pack_object(value: Any) -> dict[str, Any]:
    """The state of an object of a registered class, for a pickle."""
    return pack_state(_FORMS[_NAMES[type(value)]].pack(value))


def unpack_object(state: dict[str, Any], cls: type) -> Any:
    """An object of a registered class from its state in a pickle."""
    name = _NAMES[cls]
    fields, number = unstamped(state, f"The pickled {cls.__name__}")
    return Unpacker(pickling=True, format=number)({"type": name, **fields})
