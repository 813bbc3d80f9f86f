"""Errors of what lies directly in skmo: names, plain data and their versions."""

from __future__ import annotations

from functools import partial
from unittest.mock import patch

import numpy as np

import skmo
from skmo import _state
from skmo._plain import Packer, Unpacker
from skmo._registry import resolve
from skmo.balancing import Balancer
from skmo.balancing._registry import BALANCERS
from skmo.exceptions import ModelFileError

from .case import Case

COVERS = {"__init__.py", "_plain.py", "_registry.py", "_state.py"}


class Opaque:
    """Of the user's own, without parameters."""


class Long:
    def __repr__(self):
        return "?" * 1000


def pack(value, where="extra_", **options):
    Packer(**options)(value, where)


def unpack(plain):
    Unpacker()(plain)


def strings(*lengths):
    utf8 = np.frombuffer(b"abc", dtype=np.uint8)
    unpack(
        {"type": "strings", "shape": [2], "utf8": utf8, "lengths": np.array(lengths)}
    )


def read(number, version="7.5", *, present=_state.STATE_FORMAT):
    with patch.object(_state, "STATE_FORMAT", present):
        _state.check_format(number, version, "The pickled Table")


resolved = partial(resolve, registry=BALANCERS, base=Balancer, parameter="balancer")
bad_input = partial(Case, error=ValueError)
bad_file = partial(Case, error=ModelFileError)

CASES = {
    # A name of Python's own rules, which has no more to say.
    "no such module": Case(
        lambda: skmo.boost,
        AttributeError,
        parameter="module 'skmo' has no attribute",
        value="'boost'",
        remedy=None,
    ),
    # Plug-ins by name.
    "near name": bad_input(
        partial(resolved, "EPOO"),
        parameter="Unknown balancer",
        value="'EPOO'",
        remedy="Did you mean 'epo'? Valid names: ",
    ),
    "far name": bad_input(
        partial(resolved, "?"),
        parameter="Unknown balancer",
        value="'?'. Valid",
        remedy="Valid names: equal, ",
    ),
    "instance of something else": bad_input(
        partial(resolved, Long()),
        parameter="The 'balancer' parameter",
        value="Got " + "?" * 200 + " instead",
        remedy="or an instance of Balancer",
    ),
    "class of something else": bad_input(
        partial(resolved, dict),
        parameter="The 'balancer' parameter",
        value="Got <class 'dict'> instead",
        remedy="or an instance of Balancer",
    ),
    # What models are made of.
    "object that is not held": bad_file(
        partial(pack, {"a": [Long()]}),
        parameter="extra_['a'][0] is",
        value="?" * 200 + " (tests.errors.table_modules.Long)",
        remedy="name a class or function of yours in 'custom_objects', or save the",
    ),
    "class that is not held": bad_file(
        partial(pack, Opaque),
        parameter="extra_ is",
        value="(tests.errors.table_modules.Opaque)",
        remedy="name a class or function of yours in 'custom_objects', or save the",
    ),
    "array of a type that is not held": bad_file(
        partial(pack, np.zeros(2, dtype=[("a", float)])),
        parameter="extra_ is",
        value="(numpy.ndarray)",
        remedy="Use numbers, text, lists, NumPy arrays or objects of skmo's own",
    ),
    "own object without parameters": bad_file(
        partial(pack, Opaque(), custom={"Opaque": Opaque}),
        parameter="extra_ is an instance of",
        value="Opaque, which has no get_params",
        remedy="Let it inherit from sklearn.base.BaseEstimator",
    ),
    "data that are not plain": bad_file(
        partial(unpack, {"type": ["dict"]}),
        parameter="The model holds data that are not plain",
        value="a dict.",
        remedy="save the model again, or fit it again",
    ),
    "tuple": bad_file(
        partial(unpack, (1, 2)),
        parameter="The model holds data that are not plain",
        value="a tuple.",
        remedy="save the model again, or fit it again",
    ),
    "unknown type": bad_file(
        partial(unpack, {"type": "os:system", "params": "ls"}),
        parameter="The model holds an unknown",
        value="'os:system'",
        remedy="save the model again, or fit it again",
    ),
    "own object that is not given": bad_file(
        partial(unpack, {"type": "custom", "name": "LogCosh"}),
        parameter="The model holds",
        value="'LogCosh', which is not skmo's own",
        remedy="pass it: load_model(..., custom_objects=[LogCosh])",
    ),
    "lengths of strings": bad_file(
        partial(strings, 1, 1),
        parameter="The model holds 3 bytes of strings",
        value="whose lengths are [1, 1]",
        remedy="save the model again, or fit it again",
    ),
    "length below 0": bad_file(
        partial(strings, 4, -1),
        parameter="The model holds 3 bytes of strings",
        value="whose lengths are [4, -1]",
        remedy="save the model again, or fit it again",
    ),
    # Versions.
    "no version": bad_file(
        partial(_state.unstamped, {}, "The pickled Table"),
        parameter="The pickled Table",
        value="does not say which version of skmo wrote it",
        remedy="Fit the model again",
    ),
    "newer version": bad_file(
        partial(read, _state.STATE_FORMAT + 1),
        parameter="The pickled Table was written by skmo 7.5",
        value=f"in format {_state.STATE_FORMAT + 1}. This is skmo {skmo.__version__}",
        remedy="Install skmo 7.5 or newer, or fit the model again",
    ),
    "version that is no longer read": bad_file(
        partial(read, 1, "0.1", present=1000),
        parameter="The pickled Table was written by skmo 0.1",
        value=f"in format 1, which skmo {skmo.__version__} no longer reads",
        remedy="Load it with an older skmo, or fit the model again",
    ),
}

ELSEWHERE: dict[tuple[str, str], str] = {}
