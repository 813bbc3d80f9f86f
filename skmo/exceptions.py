"""Warnings of skmo's own."""


class ConstantTargetWarning(UserWarning):
    """A label column holds one class: the estimator will always predict it."""


class ValidationWarning(UserWarning):
    """Early stopping cannot watch an objective: it has no validation rows."""
