"""skmo's estimators for skl2onnx."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from ..estimators import (
    EntireSpaceClassifier,
    MultiObjectiveClassifier,
    MultiObjectiveEstimator,
    MultiObjectiveRanker,
    MultiObjectiveRegressor,
    MultiQuantileRegressor,
)
from ._graph import Graph
from ._outputs import Output, build, outputs_of

_ESTIMATORS = (
    MultiObjectiveRegressor,
    MultiObjectiveClassifier,
    MultiObjectiveEstimator,
    EntireSpaceClassifier,
    MultiObjectiveRanker,
    MultiQuantileRegressor,
)


def register_converters() -> None:
    """Teach skl2onnx all of skmo's estimators.

    ``skl2onnx.to_onnx`` then converts them wherever they stand: alone, at the end of a
    Pipeline or in a search. Calling it again changes nothing.

    Raises
    ------
    ImportError
        If skl2onnx is not installed.

    See Also
    --------
    to_onnx : Converts a single estimator, without further ado.

    Examples
    --------
    >>> import skl2onnx  # doctest: +SKIP
    >>> from skmo.onnx import register_converters
    >>> register_converters()  # doctest: +SKIP
    >>> skl2onnx.to_onnx(pipeline, X[:1])  # doctest: +SKIP
    """
    for cls in _ESTIMATORS:
        _register(cls)


def to_onnx(estimator: Any, *, dtype: str = "float32", target_opset: Any = None) -> Any:
    """A fitted estimator as an ONNX model.

    The trees of all objectives are in one node, a shared tree once with a weight per
    leaf and score; each objective's inverse link follows.

    Parameters
    ----------
    estimator : estimator of skmo
        Fitted. For pipelines use `register_converters` and ``skl2onnx.to_onnx``.
    dtype : {"float32", "float64"}, default="float32"
        Of the input "X", (n_samples, n_features). ONNX compares float32 features
        with thresholds rounded down to float32, which is exact for data that was
        float32 from the start; a float64 that is rounded on its way in can come to
        the other side of a threshold. With "float64" it cannot. Sums over trees are
        returned in float32 by ONNX either way.
    target_opset : int or dict, default=None
        As in ``skl2onnx.to_onnx``.

    Returns
    -------
    onnx.ModelProto
        ``SerializeToString()`` gives the bytes of the file. Its outputs:

        - "variable", (n_samples, n_objectives): the predictions of a regressor, an
          estimator or a ranker; one column for a single score or target.
        - "label" and "probabilities" of a classifier, as `predict` and
          `predict_proba` give them: of a two-dimensional ``y`` a sequence with an
          array per column. An entire-space classifier has one array.
        - "probabilities" of the estimator's objectives that have them.

    Raises
    ------
    ImportError
        If skl2onnx is not installed.
    ValueError
        For an objective whose inverse link is a user's own, and for labels that ONNX
        does not have.

    Notes
    -----
    Categorical features are numbers: the categories themselves if ``fit`` was given
    an array, else their positions among the sorted categories. NaN and unseen ones
    are missing.

    Examples
    --------
    >>> from skmo.onnx import to_onnx
    >>> model = to_onnx(est)  # doctest: +SKIP
    >>> with open("model.onnx", "wb") as file:  # doctest: +SKIP
    ...     file.write(model.SerializeToString())
    """
    skl2onnx = _load_skl2onnx()
    if not isinstance(estimator, _ESTIMATORS):
        raise TypeError(
            f"to_onnx takes an estimator of skmo. Got {type(estimator).__name__}; for "
            "pipelines call register_converters() and skl2onnx.to_onnx."
        )
    check_is_fitted(estimator)
    if dtype not in ("float32", "float64"):
        raise ValueError(
            "The 'dtype' parameter of to_onnx must be 'float32' or 'float64'. Got "
            f"{dtype!r:.200} instead."
        )
    _register(type(estimator))  # perhaps a user's subclass
    types = skl2onnx.common.data_types
    tensor = types.FloatTensorType if dtype == "float32" else types.DoubleTensorType
    return skl2onnx.to_onnx(
        estimator,
        initial_types=[("X", tensor([None, estimator.n_features_in_]))],
        target_opset=target_opset,
    )


def _register(cls: type) -> None:
    _load_skl2onnx().update_registered_converter(
        cls,
        f"Skmo{cls.__name__}",
        _set_shapes,
        _convert,
        parser=_parse,
        # Other classifiers' probabilities are dicts unless told otherwise.
        options={"zipmap": [False]},
    )


def _load_skl2onnx() -> Any:
    try:
        import skl2onnx
        import skl2onnx.common.data_types
    except ImportError as error:
        raise ImportError(
            "skmo.onnx needs skl2onnx, which is not installed: "
            'pip install "skmo[onnx]".'
        ) from error
    return skl2onnx


def _is_double(inputs: list) -> bool:
    types = _load_skl2onnx().common.data_types
    return any(isinstance(part.type, types.DoubleTensorType) for part in inputs)


def _tensor(output: Output, double: bool) -> Any:
    """skl2onnx's type of an output."""
    types = _load_skl2onnx().common.data_types
    real = types.DoubleTensorType if double else types.FloatTensorType
    if output.sequence:
        return types.SequenceType(real())
    kind = {
        "real": real,
        "int64": types.Int64TensorType,
        "bool": types.BooleanTensorType,
        "str": types.StringTensorType,
    }[output.kind]
    return kind([None] if output.width is None else [None, output.width])


def _parse(scope: Any, model: Any, inputs: list, custom_parsers: Any = None) -> list:
    operator = scope.declare_local_operator(f"Skmo{type(model).__name__}", model)
    operator.inputs = inputs
    for output in outputs_of(model):
        kind = _tensor(output, _is_double(inputs))
        operator.outputs.append(scope.declare_local_variable(output.name, kind))
    return operator.outputs


def _set_shapes(operator: Any) -> None:
    double = _is_double(operator.inputs)
    wanted = outputs_of(operator.raw_operator)
    for variable, output in zip(operator.outputs, wanted, strict=True):
        variable.type = _tensor(output, double)


def _convert(scope: Any, operator: Any, container: Any) -> None:
    est = operator.raw_operator
    dtype = np.float64 if _is_double(operator.inputs) else np.float32
    graph = Graph(scope, container, dtype)
    features = graph.beside(*(graph.cast(part.full_name) for part in operator.inputs))
    categories = _categories(est, dtype)
    scores = graph.trees(features, est._tree_sum(), categories)
    for value, output in zip(build(est, graph, scores), operator.outputs, strict=True):
        graph.name(value, output.full_name)


def _categories(est: Any, dtype: type) -> dict[int, np.ndarray]:
    """The categories of each feature as numbers of the graph's type."""
    found = est._features.array_categories()
    for j, values in found.items():
        rounded = values.astype(dtype)
        order = np.argsort(values)
        alike = np.flatnonzero(rounded[order][1:] == rounded[order][:-1])
        if len(alike):
            pair = values[order][alike[0] : alike[0] + 2].tolist()
            raise ValueError(
                f"Feature {j} has categories that float32 cannot tell apart, such as "
                f"{pair}. Use a float64 input, or encode them before fit."
            )
        found[j] = rounded
    return found
