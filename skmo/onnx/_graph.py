"""Nodes of an ONNX graph, added one by one."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..boosting import TreeSum
from ._trees import tree_attributes


class Graph:
    """The part of an ONNX graph that one estimator becomes.

    Parameters
    ----------
    scope, container
        skl2onnx's, which name variables and collect nodes.
    dtype : type
        float32 or float64.
    """

    def __init__(self, scope: Any, container: Any, dtype: type):
        self._scope, self._container = scope, container
        self.dtype = dtype
        self._opset = container.target_opset

    def op(self, kind: str, *inputs: str, n_outputs: int = 1, **attributes: Any) -> str:
        """Add a node; the name of its first output."""
        outputs = [
            self._scope.get_unique_variable_name(kind.lower()) for _ in range(n_outputs)
        ]
        self._container.add_node(
            kind,
            list(inputs),
            outputs,
            name=self._scope.get_unique_operator_name(kind),
            op_version=self._opset,
            **attributes,
        )
        return outputs[0]

    def name(self, value: str, output: str) -> None:
        """Give a value the name of one of the graph's outputs."""
        self._container.add_node(
            "Identity",
            [value],
            [output],
            name=self._scope.get_unique_operator_name("Identity"),
            op_version=self._opset,
        )

    def constant(self, array: np.ndarray) -> str:
        """Add an array; its name."""
        name = self._scope.get_unique_variable_name("constant")
        kind = _element_type(array)
        content = array.ravel().tolist()
        if array.dtype.kind in "UO":
            content = [str(text).encode() for text in content]
        self._container.add_initializer(name, kind, list(array.shape), content)
        return name

    def real(self, *numbers: float) -> str:
        """An array of real numbers."""
        return self.constant(np.array(numbers, dtype=self.dtype))

    def cast(self, value: str) -> str:
        """As real numbers of the graph's type."""
        return self.op("Cast", value, to=self.type_of(self.dtype))

    @staticmethod
    def type_of(dtype: type) -> int:
        """ONNX's number of a type."""
        return _element_type(np.empty(0, dtype))

    def columns(self, value: str, columns: list[int]) -> str:
        """Some columns of a matrix."""
        return self.op("Gather", value, self.constant(np.array(columns)), axis=1)

    def sorted_rows(self, value: str, width: int) -> str:
        """Each row of a matrix in increasing order."""
        count = self.constant(np.array([width]))
        # Its second output are the places.
        return self.op("TopK", value, count, n_outputs=2, axis=1, largest=0, sorted=1)

    def beside(self, *values: str) -> str:
        """Matrices side by side."""
        return values[0] if len(values) == 1 else self.op("Concat", *values, axis=1)

    def trees(
        self, features: str, trees: TreeSum, categories: dict[int, np.ndarray]
    ) -> str:
        """The scores (n_samples, n_scores) of a sum of trees."""
        attributes = tree_attributes(trees, categories, self.dtype)
        exact = self.dtype is np.float64
        if exact:
            from onnx import numpy_helper

            names = ("nodes_values", "target_weights", "base_values")
            for name in attributes.keys() & set(names):
                array = attributes.pop(name)
                tensor = numpy_helper.from_array(array, f"{name}_as_tensor")
                attributes[f"{name}_as_tensor"] = tensor
        output = self._scope.get_unique_variable_name("scores")
        self._container.add_node(
            "TreeEnsembleRegressor",
            [features],
            [output],
            name=self._scope.get_unique_operator_name("TreeEnsembleRegressor"),
            op_domain="ai.onnx.ml",
            op_version=3 if exact else 1,
            **{
                k: v.tolist() if hasattr(v, "tolist") else v
                for k, v in attributes.items()
            },
        )
        return self.cast(output) if exact else output


def _element_type(array: np.ndarray) -> int:
    """ONNX's number of the type of an array's elements."""
    from onnx import TensorProto

    if array.dtype.kind in "UO":
        return TensorProto.STRING
    return {
        "float32": TensorProto.FLOAT,
        "float64": TensorProto.DOUBLE,
        "int64": TensorProto.INT64,
        "bool": TensorProto.BOOL,
    }[array.dtype.name]
