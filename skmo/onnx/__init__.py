"""Fitted estimators as ONNX models (needs the extra ``onnx``)."""

from ._convert import register_converters, to_onnx

__all__ = ["register_converters", "to_onnx"]
