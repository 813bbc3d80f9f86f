"""How arrays lie in memory changes no bit, and nobody's arrays are written to."""

from __future__ import annotations

from contextlib import suppress
from tempfile import TemporaryDirectory

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from .strategies import FEATURES, KINDS, outputs, problems

# Of these float32 holds every number, once rounded to it.
_NARROW = [name for name in FEATURES if name not in ("huge", "tiny", "all scales")]
N_ROWS = st.integers(20, 60)
PLAIN = st.fixed_dictionaries({})


def _mapped(array, folder, name):
    path = f"{folder}/{name}.npy"
    np.save(path, array)
    return np.load(path, mmap_mode="r")


def _read_only(array):
    array = array.copy()
    array.flags.writeable = False
    return array


def _strided(array):
    """Every other row and column of a larger array."""
    shape = tuple(2 * n for n in array.shape)
    room = np.full(shape, 7.0, dtype=array.dtype)
    view = room[tuple(slice(None, None, 2) for _ in shape)]
    view[...] = array
    return view


LAYOUTS = {
    "columns": np.asfortranarray,
    "read-only": _read_only,
    "strided": _strided,
    "backwards": lambda a: np.ascontiguousarray(a[::-1])[::-1],
    "big-endian": lambda a: a.astype(a.dtype.newbyteorder(">")),
    "list": lambda a: a.tolist(),
    "objects": lambda a: a.astype(object),
}


def same_outputs(problem, changed, X=None):
    """Both fits predict the same bits, of the rows as they come."""
    one = problem.fit_or_reject()
    other = changed.fit()
    found = outputs(other, changed.X if X is None else X)
    for name, expected in outputs(one, problem.X).items():
        assert_array_equal(found[name], expected, err_msg=name)
    for name in set(one.history_) - {"seconds"}:
        assert_array_equal(one.history_[name], other.history_[name], err_msg=name)


def laid_out(problem, layout):
    weight = None if problem.weight is None else layout(problem.weight)
    return problem.on(X=layout(problem.X), Y=layout(problem.Y), weight=weight)


def ordinary(kind, **limits):
    """Problems of which few are refused."""
    return problems(
        [kind],
        n_rows=N_ROWS,
        holes=("none", "few"),
        weights=("none", "positive", "by target"),
        params=PLAIN,
        **limits,
    )


# LightGBM 4.1 copies such arrays, and says so.
@pytest.mark.filterwarnings("ignore:Usage of np.ndarray subset:UserWarning")
@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data(), layout=st.sampled_from([*LAYOUTS]))
def test_layouts(kind, data, layout):
    problem = data.draw(ordinary(kind))
    same_outputs(problem, laid_out(problem, LAYOUTS[layout]))


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_memory_maps(kind, data):
    problem = data.draw(ordinary(kind))
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        names = iter(("X", "Y", "weight"))
        same_outputs(
            problem, laid_out(problem, lambda a: _mapped(a, folder, next(names)))
        )


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_float32_and_float64_of_the_same_numbers(kind, data):
    problem = data.draw(ordinary(kind, feature_kinds=_NARROW))
    narrow = problem.X.astype(np.float32)
    wide = problem.on(X=narrow.astype(np.float64))
    # A model takes either, whichever it was trained on.
    same_outputs(
        wide, problem.on(X=narrow), X=data.draw(st.sampled_from([narrow, wide.X]))
    )


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data(), dtype=st.sampled_from([np.int8, np.int64, np.float32]))
def test_whole_numbers(kind, data, dtype):
    wholes = ("few values", "binary", "constant")
    problem = data.draw(ordinary(kind, feature_kinds=wholes))
    whole = np.trunc(problem.X)
    same_outputs(problem.on(X=whole), problem.on(X=whole.astype(dtype)))


@pytest.mark.parametrize("kind", KINDS)
@given(
    data=st.data(), form=st.sampled_from([sp.csr_matrix, sp.csc_array, sp.coo_matrix])
)
def test_sparse_as_dense(kind, data, form):
    kinds = ("few values", "binary", "normal", "zeros of both signs", "constant")
    problem = data.draw(ordinary(kind, feature_kinds=kinds))
    same_outputs(problem, problem.on(X=form(problem.X)))


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_arrays_are_left_alone(kind, data):
    """Whether the fit succeeds or not."""
    problem = data.draw(problems([kind], n_rows=st.integers(2, 40)))
    arrays = [problem.X, problem.Y, problem.weight, *problem.more.values()]
    before = [None if a is None else a.copy() for a in arrays]
    with suppress(ValueError, FloatingPointError):
        outputs(problem.fit(), problem.X)
    for array, copy in zip(arrays, before, strict=True):
        assert_array_equal(array, copy)
