"""Tuning for several objectives at a time, by Optuna."""

from ._tuner import ParetoTunerCV

__all__ = ["ParetoTunerCV"]
