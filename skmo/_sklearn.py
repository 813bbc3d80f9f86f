"""What skmo takes from scikit-learn's less public side, in one place.

These names import unchanged from scikit-learn 1.6 to 1.9.
"""

from sklearn.base import _fit_context as fit_context
from sklearn.utils._param_validation import (
    Interval,
    StrOptions,
    validate_parameter_constraints,
)
from sklearn.utils.validation import (
    _check_feature_names as check_feature_names,
)
from sklearn.utils.validation import (
    _check_n_features as check_n_features,
)

try:
    from sklearn.callback import CallbackSupportMixin
except ImportError:  # before scikit-learn 1.9

    class CallbackSupportMixin:
        """No method, so that an estimator has no callbacks to set."""


__all__ = [
    "CallbackSupportMixin",
    "Interval",
    "StrOptions",
    "check_feature_names",
    "check_n_features",
    "fit_context",
    "validate_parameter_constraints",
]
