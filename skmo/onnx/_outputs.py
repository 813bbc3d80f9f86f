"""From the scores to what each estimator predicts, as nodes of a graph."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..estimators import (
    EntireSpaceClassifier,
    MultiObjectiveClassifier,
    MultiObjectiveEstimator,
    MultiQuantileRegressor,
)
from ._graph import Graph

# Scores whose exponential float32 holds, as in skmo's own log links.
_MAX_EXPONENT = 80.0


@dataclass(frozen=True)
class Output:
    """One output of the graph.

    Attributes
    ----------
    name : str
    kind : str
        Of its elements: "real", "int64", "bool" or "str".
    width : int or None
        Its columns; None for a vector, and for a sequence of matrices.
    sequence : bool
    """

    name: str
    kind: str
    width: int | None
    sequence: bool = False


def outputs_of(est: Any) -> list[Output]:
    """What the estimator's graph returns.

    Raises
    ------
    ValueError
        For labels that ONNX cannot have in one output.
    """
    if isinstance(est, EntireSpaceClassifier):
        n_stages = len(est.stage_names_)
        return [
            Output("label", "int64", n_stages),
            Output("probabilities", "real", n_stages),
        ]
    if isinstance(est, MultiObjectiveClassifier):
        kind = _label_kind(_classes(est), est.objective_names_)
        one = not isinstance(est.classes_, list)
        width = None if one else len(est.classes_)
        return [Output("label", kind, width), _probabilities(est, one)]
    columns = [output["columns"] for output in est.lightgbm_outputs()]
    one = len({tuple(c) for c in columns}) < len(columns) or len(columns) == 1
    found = [Output("variable", "real", 1 if one else len(columns))]
    if isinstance(est, MultiObjectiveEstimator) and any(_classes(est)):
        found.append(_probabilities(est, one))
    return found


def build(est: Any, graph: Graph, scores: str) -> list[str]:
    """Add the nodes behind the scores; the values of `outputs_of`, in its order."""
    if isinstance(est, EntireSpaceClassifier):
        return _stages(graph, scores, len(est.stage_names_))
    if isinstance(est, MultiQuantileRegressor):
        return [graph.sorted_rows(scores, len(est.quantiles_))]
    wanted, outputs = outputs_of(est), est.lightgbm_outputs()
    if wanted[0].width == 1:  # perhaps one score for all objectives
        outputs = outputs[:1]
    if len(wanted) == 1 and len({output["link"] for output in outputs}) == 1:
        return [_link(graph, scores, outputs[0])]  # of all columns at once
    values = [_linked(graph, scores, output) for output in outputs]
    tables = [
        _table(graph, value, output)
        for value, output in zip(values, outputs, strict=True)
    ]
    if isinstance(est, MultiObjectiveClassifier):
        found = [_labels(graph, tables, outputs, wanted[0])]
    else:
        found = [_mixture(graph, values, tables, outputs)]
    if len(wanted) > 1:
        tables = [table for table in tables if table is not None]
        several = wanted[1].sequence
        found.append(graph.op("SequenceConstruct", *tables) if several else tables[0])
    return found


def _classes(est: Any) -> list[list | None]:
    return [output["classes"] for output in est.lightgbm_outputs()]


def _probabilities(est: Any, one: bool) -> Output:
    if not one:
        return Output("probabilities", "real", None, sequence=True)
    return Output("probabilities", "real", len(_classes(est)[0]))


def _label_kind(classes: Sequence[list], names: Sequence[str]) -> str:
    """What the labels of all columns are."""
    kinds = [_array(labels).dtype.kind for labels in classes]
    kinds = ["i" if kind == "u" else kind for kind in kinds]
    if any(kind in "UO" for kind in kinds) and len(set(kinds)) > 1:
        raise ValueError(
            "ONNX has labels of one type in an output, but the targets "
            f"{list(names)[:8]} mix strings and numbers. Encode the labels alike "
            "before fit, or export the targets as estimators of their own."
        )
    if len(set(kinds)) == 1:
        return {"U": "str", "O": "str", "b": "bool", "i": "int64"}.get(kinds[0], "real")
    return "real" if "f" in kinds else "int64"


def _array(labels: list) -> np.ndarray:
    array = np.array(labels)
    if array.dtype.kind not in "Ubiuf":
        raise ValueError(
            f"ONNX has no labels such as {labels[0]!r:.200}, a "
            f"{type(labels[0]).__name__}. Encode them as strings or whole numbers "
            "before fit."
        )
    return array


def _linked(graph: Graph, scores: str, output: dict) -> str:
    """An objective's prediction from its scores, (n_samples, 1 or n_classes)."""
    return _link(graph, graph.columns(scores, output["columns"]), output)


def _link(graph: Graph, value: str, output: dict) -> str:
    link = output["link"]
    if link == "identity":
        return value
    if link == "exp":
        value = graph.op("Min", value, graph.real(_MAX_EXPONENT))
        return graph.op("Exp", graph.op("Max", value, graph.real(-_MAX_EXPONENT)))
    if link == "sigmoid":
        return graph.op("Sigmoid", value)
    if link == "softmax":
        return graph.op("Softmax", value, axis=1)
    raise ValueError(
        f"Objective {output['name']!r} ({output['objective']}) has an inverse_link of "
        "its own, which cannot be translated to ONNX. Export to_lightgbm() instead and "
        "apply the link to its raw scores."
    )


def _table(graph: Graph, value: str, output: dict) -> str | None:
    """The probability of each class, (n_samples, n_classes); None for numbers."""
    if output["classes"] is None:
        return None
    if len(output["classes"]) == 1:  # certain, whatever the score
        nothing = graph.op("Mul", graph.columns(value, [0]), graph.real(0.0))
        return graph.op("Add", nothing, graph.real(1.0))
    if output["link"] == "sigmoid":
        return graph.beside(graph.op("Sub", graph.real(1.0), value), value)
    return value


def _likeliest(graph: Graph, table: str, classes: np.ndarray) -> str:
    """The label of the greatest probability, (n_samples, 1)."""
    index = graph.op("ArgMax", table, axis=1, keepdims=1)
    return graph.op("Gather", graph.constant(classes), index, axis=0)


def _labels(
    graph: Graph, tables: Sequence[str], outputs: Sequence[dict], label: Output
) -> str:
    dtype = {"real": graph.dtype, "str": object, "int64": np.int64, "bool": bool}
    columns = [
        _likeliest(graph, table, _array(output["classes"]).astype(dtype[label.kind]))
        for table, output in zip(tables, outputs, strict=True)
    ]
    value = graph.beside(*columns)
    if label.width is None:
        value = graph.op("Reshape", value, graph.constant(np.array([-1])))
    return value


def _mixture(
    graph: Graph,
    values: Sequence[str],
    tables: Sequence[str | None],
    outputs: Sequence[dict],
) -> str:
    """Predictions side by side; of several classes the likeliest's number."""
    columns = []
    for value, table, output in zip(values, tables, outputs, strict=True):
        if output["link"] == "softmax":
            classes = np.array(output["classes"], dtype=graph.dtype)
            value = _likeliest(graph, table, classes)
        columns.append(value)
    return graph.beside(*columns)


def _stages(graph: Graph, scores: str, n_stages: int) -> list[str]:
    """Whether each stage is likely, and the probability to come as far."""
    given = graph.op("Sigmoid", scores)
    products = [graph.columns(given, [0])]
    for k in range(1, n_stages):
        products.append(graph.op("Mul", products[-1], graph.columns(given, [k])))
    reached = graph.beside(*products)
    likely = graph.op("Greater", reached, graph.real(0.5))
    return [graph.op("Cast", likely, to=graph.type_of(np.int64)), reached]
