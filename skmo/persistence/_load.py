"""From a model file to an estimator."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral
from typing import Any

from .._plain import Unpacker
from .._state import check_format
from ..exceptions import ModelFileError
from ._atomic import read
from ._container import parse, parse_header
from ._custom import custom_by_name
from ._estimators import estimator_class, estimator_of
from ._sections import read_sections

# Of a model when unpacked.
_MAX_BYTES = 1 << 30


def load_model(
    file: Any, *, custom_objects: Sequence[Any] = (), max_bytes: int = _MAX_BYTES
) -> Any:
    """Load an estimator that its `save_model` wrote to a file.

    Safe with files from strangers: nothing in a file is run, imported or looked up by
    name but in skmo's own tables, and what does not fit together is refused. (What a
    stranger's model predicts is another matter.)

    Parameters
    ----------
    file : str, path-like or readable binary file object
    custom_objects : sequence of classes and functions, default=()
        Your own that the model was saved with. They are found by their names, and
        classes are called with the parameters that the file says.
    max_bytes : int, default=2**30
        The most bytes that the model may have when unpacked. Loading takes about
        twice the model's size in memory, and at most 20 times ``max_bytes``, whatever
        the file.

    Returns
    -------
    estimator
        It predicts, and a warm start goes on, as from the one that was saved.

    Raises
    ------
    skmo.exceptions.ModelFileError
        If the file is truncated, altered, too large, of a newer version of skmo's or
        no model file.
    OSError
        If it cannot be read.

    Examples
    --------
    >>> import io
    >>> import skmo
    >>> from skmo.datasets import make_feed
    >>> X, Y = make_feed(n_samples=500, random_state=0)
    >>> est = skmo.MultiObjectiveEstimator(n_estimators=5, random_state=0).fit(X, Y)
    >>> file = io.BytesIO()
    >>> est.save_model(file)
    >>> loaded = skmo.load_model(io.BytesIO(file.getvalue()))
    >>> bool((loaded.predict(X) == est.predict(X)).all())
    True
    """
    custom = custom_by_name(custom_objects)
    content = _content(file, max_bytes)
    header, sections = parse(content, max_bytes)
    del content
    _check_versions(header)
    try:
        plain = read_sections(header["sections"], sections, max_bytes)
        del sections
        return estimator_from(header, plain, custom)
    except (ModelFileError, ImportError):
        raise
    except Exception as error:
        # The file says something that makes no sense, in one of endless ways.
        raise ModelFileError(
            f"The model cannot be put together: {type(error).__name__}: {error!s:.200}"
        ) from error


def read_header(file: Any, *, max_bytes: int = _MAX_BYTES) -> dict[str, Any]:
    """What a model file says of itself, without loading the model.

    Parameters
    ----------
    file : str, path-like or readable binary file object
    max_bytes : int, default=2**30
        As in `load_model`.

    Returns
    -------
    dict
        ``skmo``, the version that wrote it; ``format``, the number of its format;
        ``estimator``, the class; ``objectives``, the names; ``n_features``;
        ``libraries``, the versions of those it was fitted with; and ``sections``, the
        kind and sizes of each. The checksum is not looked at.

    Raises
    ------
    skmo.exceptions.ModelFileError
        If it is no model file.

    Examples
    --------
    >>> import io
    >>> import skmo
    >>> from skmo.datasets import make_feed
    >>> from skmo.persistence import read_header
    >>> X, Y = make_feed(n_samples=500, random_state=0)
    >>> est = skmo.MultiObjectiveEstimator(n_estimators=5, random_state=0).fit(X, Y)
    >>> file = io.BytesIO()
    >>> est.save_model(file)
    >>> header = read_header(io.BytesIO(file.getvalue()))
    >>> header["estimator"], header["format"], header["objectives"]
    ('MultiObjectiveEstimator', 1, ['target0', 'target1', 'target2'])
    """
    return parse_header(_content(file, max_bytes), max_bytes)[0]


def estimator_from(
    header: dict[str, Any], plain: dict[str, Any], custom: dict[str, Any]
) -> Any:
    """The estimator of a file's header and plain data."""
    cls = estimator_class(header.get("estimator"), custom)
    return estimator_of(cls, plain, Unpacker(custom, format=header["format"]))


def _content(file: Any, max_bytes: int) -> bytes:
    if not isinstance(max_bytes, Integral) or max_bytes < 0:
        raise ValueError(
            "The 'max_bytes' parameter must be an int of at least 0. Got "
            f"{max_bytes!r} instead."
        )
    content = read(file, max_bytes)
    if len(content) > max_bytes:
        raise ModelFileError(
            f"The file has more than max_bytes={max_bytes} bytes. If you trust it and "
            "have the memory, pass a larger 'max_bytes'."
        )
    return content


def _check_versions(header: dict[str, Any]) -> None:
    check_format(header.get("format"), header.get("skmo"), "The file")
