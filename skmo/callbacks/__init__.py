"""Callbacks of a fit, in LightGBM's idiom: functions of what a round found."""

from ._checkpoint import checkpoint
from ._env import CallbackEnv, Evaluation, TrainedSoFar
from ._report import log_evaluation, record_evaluation
from ._stop import StopTraining, stop_when, time_limit

__all__ = [
    "CallbackEnv",
    "Evaluation",
    "StopTraining",
    "TrainedSoFar",
    "checkpoint",
    "log_evaluation",
    "record_evaluation",
    "stop_when",
    "time_limit",
]
