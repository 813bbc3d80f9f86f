"""Whether an objective of the user's own keeps the contract."""

from __future__ import annotations

from copy import deepcopy
from typing import Any, NoReturn

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import minimize
from sklearn.base import clone

from ._base import Objective
from ._check_case import Case, draw_target, slopes

# A constant may lose this share of the least loss: iterative solvers stop early.
_SLACK = 1e-3


def check_objective(objective: Objective, target: ArrayLike | None = None) -> None:
    """Check that an objective keeps the contract of `Objective`.

    As scikit-learn's ``check_estimator``, for use in the tests of an objective of
    your own. Trained on no data: its methods are called on a few dozen rows.

    Parameters
    ----------
    objective : Objective
        An instance.
    target : array-like of shape (n_samples,), default=None
        Targets of its domain, at least 10. None draws real ones, counts, positive
        ones, shares or bits, whichever ``check_target`` takes first (class indices
        where ``multi_score``).

    Raises
    ------
    AssertionError
        If something is wrong; the message says what.
    ValueError
        If ``target`` is None and ``check_target`` refuses all that is drawn.

    See Also
    --------
    skmo.balancing.check_balancer : The same for balancers.

    Notes
    -----
    Checked are: parameters and copies; shapes, precision and that arguments are left
    alone; the gradient against finite differences of the loss; that the second
    derivative is positive and a short Newton step lowers the loss; that
    ``init_score`` has the least loss of all constants, is finite for a single value,
    and takes a weight of 2 for two rows; several targets at once; missing targets;
    finite values up to 50 away from the start; the range of ``inverse_link``; the
    loss's units where ``standardise``.

    Examples
    --------
    >>> from skmo.objectives import SquaredError, check_objective
    >>> check_objective(SquaredError())
    >>> class Shy(SquaredError):
    ...     def loss(self, target, score):
    ...         return super().loss(target, score).mean()
    >>> check_objective(Shy())
    Traceback (most recent call last):
    ...
    AssertionError: Shy(): loss must return one number per target, in an array of...
    """
    if not isinstance(objective, Objective):
        raise AssertionError(
            f"{objective!r:.200} is no instance of Objective: pass one, with its "
            "parameters set."
        )
    _check_parameters(objective)
    drawn = draw_target(objective, target)
    if objective.standardise:
        # What the booster trains on.
        scale = float(drawn.std())
        _check_units(objective, drawn)
        objective = objective.with_scale(scale, 1.0)
        drawn = (drawn - drawn.mean()) / scale
    case = Case(objective, drawn)
    for check in (
        _check_loss,
        _check_start,
        _check_gradient,
        _check_hessian,
        _check_missing,
        _check_side_by_side,
        _check_far_scores,
        _check_link,
    ):
        check(case)


def _check_parameters(objective: Objective) -> None:
    def fail(message: str) -> NoReturn:
        raise AssertionError(f"{objective!r}: {message}.")

    try:
        clone(objective)
    except RuntimeError as error:
        fail(f"scikit-learn's clone fails: {error}")
    if str(deepcopy(objective).get_params()) != str(objective.get_params()):
        fail("a copy has other parameters")
    objective.validate_params()
    if objective.task not in ("regression", "probability", "classification"):
        fail(
            f"'task' is {objective.task!r}; it must be 'regression', 'probability' or "
            "'classification'"
        )
    quantile = objective.leaf_quantile
    if quantile is not None and not 0 < quantile < 1:
        fail(f"'leaf_quantile' must be None or in (0, 1); it is {quantile!r}")


def _check_units(objective: Objective, target: np.ndarray) -> None:
    """The loss of a scaled and shifted target."""
    score = target + np.random.default_rng(2).normal(size=target.shape) * target.std()
    scale, shift = 3.7, -2.5
    spread = float(target.std())
    whole = objective.with_scale(1.0, scale * spread)
    found = whole.loss(scale * target + shift, scale * score + shift)
    inside = objective.with_scale(scale, spread).loss(target, score)
    expected = scale**objective.loss_degree * inside
    if not np.allclose(found, expected, rtol=1e-6, atol=1e-9 * np.abs(found).max()):
        raise AssertionError(
            f"{objective!r}: with standardise = True, the loss of a target times c "
            f"must be c ** loss_degree (here {objective.loss_degree}) times that of "
            "with_scale(c, ...), and a shift must change nothing."
        )


def _check_start(case: Case) -> None:
    rng = np.random.default_rng(2)
    weight = rng.integers(1, 4, size=len(case.target))
    if case.objective.leaf_quantile is not None:
        # Unequal weights put quantiles between two targets.
        weight[:] = 1
    init = case.start(case.target, weight.astype(np.float64))
    least = minimize(
        case.mean_loss, init + 0.3, args=(weight,), method="Nelder-Mead", tol=1e-9
    )
    found = case.mean_loss(init, weight)
    if found > least.fun + _SLACK * abs(least.fun) + 1e-9:
        case.fail(
            f"init_score gives {init}, whose mean loss is {found:g}; {least.x} has "
            f"{least.fun:g}. It must be the constant of least (weighted) loss"
        )
    repeated = case.start(np.repeat(case.target, weight), None)
    if not np.allclose(init, repeated, rtol=1e-3, atol=1e-4):
        case.fail(
            f"init_score gives {init} with whole weights but {repeated} with as many "
            "repeated rows"
        )
    for value in np.unique(case.target)[:5]:
        case.start(np.full(3, value), None)


def _check_loss(case: Case) -> None:
    target, score = case.target.copy(), case.score.copy()
    loss = case.loss(score, target)
    if not isinstance(loss, np.ndarray) or loss.shape != target.shape:
        case.fail(
            "loss must return one number per target, in an array of the targets' "
            f"shape {target.shape}. Got shape {np.shape(loss)}"
        )
    if not (loss >= 0).all():
        case.fail(f"loss must be at least 0. Got {loss[~(loss >= 0)][0]}")
    case.derive(score, target)
    if (target != case.target).any() or (score != case.score).any():
        case.fail("loss or gradient_hessian changes its arguments")
    if (case.loss(score) != loss).any():
        case.fail("loss gives something else when called again")
    small = case.loss(score.astype(np.float32), target.astype(np.float32))
    if small.dtype != np.float32:
        case.fail(
            f"loss of float32 scores is {small.dtype}: a parameter that is a NumPy "
            "float64 may be the reason. Make it a Python float"
        )


def _check_gradient(case: Case) -> None:
    gradient, _ = case.derive(case.score)
    if not np.isfinite(gradient).all():
        case.fail(
            "gradient_hessian must fill 'gradient' with finite numbers "
            "(gradient[...] = ..., not gradient = ...)"
        )
    found, smooth = slopes(case.loss, case.score)
    close = np.isclose(gradient, found, rtol=1e-4, atol=1e-6) | ~smooth
    if not close.all() or smooth.mean() < 0.5:
        place = tuple(np.argwhere(~close if not close.all() else ~smooth)[0])
        case.fail(
            f"the gradient is {gradient[place]:g} at the score "
            f"{case.score[place]:g} of target {case.target[place[0]]:g}, where the "
            f"loss has the slope {found[place]:g}"
        )


def _check_hessian(case: Case) -> None:
    gradient, hessian = case.derive(case.score)
    if not (np.isfinite(hessian) & (hessian > 0)).all():
        bad = hessian[~(np.isfinite(hessian) & (hessian > 0))][0]
        case.fail(
            f"the second derivative must be positive; 'hessian' holds {bad:g}. Write "
            "an upper bound where the loss is not convex, or set constant_hessian"
        )
    for shift in (-0.5, 0.5):
        # All rows in one leaf, half a unit from where the loss is least.
        score = case.rows_of(case.init + np.resize([shift, 0], case.init.shape))
        gradient, hessian = case.derive(score)
        step = -0.1 * gradient.sum(axis=0) / hessian.sum(axis=0)
        before, after = case.loss(score).mean(), case.loss(score + step).mean()
        if after > before + 1e-9:
            case.fail(
                f"a tenth of a Newton step raises the mean loss from {before:g} to "
                f"{after:g}: 'hessian' is too small"
            )


def _check_missing(case: Case) -> None:
    target, missing = case.target.copy(), np.arange(len(case.target)) % 3 == 0
    target[missing] = np.nan
    whole = (case.loss(case.score), *case.derive(case.score))
    with np.errstate(invalid="ignore"):
        part = (case.loss(case.score, target), *case.derive(case.score, target))
    for name, a, b in zip(("loss", "gradient", "hessian"), whole, part, strict=True):
        if not np.allclose(a[~missing], b[~missing], rtol=1e-9, atol=1e-12):
            case.fail(f"the {name} of a row depends on whether other targets are NaN")


def _check_side_by_side(case: Case) -> None:
    """Several targets of one objective are worked on as one array."""
    if case.objective.multi_score:
        return
    target = np.stack([case.target, case.target[::-1]], axis=1)
    score = np.stack([case.score, case.score + 0.25], axis=1)
    try:
        together = (case.loss(score, target), *case.derive(score, target))
    except (ValueError, IndexError, TypeError) as error:
        case.fail(
            "arrays of shape (n_samples, n_targets), for several targets at once, "
            f"fail with {type(error).__name__}: {error}"
        )
    for column in (0, 1):
        t, s = (np.ascontiguousarray(a[:, column]) for a in (target, score))
        apart = (case.loss(s, t), *case.derive(s, t))
        for found, alone in zip(together, apart, strict=True):
            if not np.allclose(found[:, column], alone, rtol=1e-9, atol=1e-12):
                case.fail("a target has other values beside another one than alone")


def _check_far_scores(case: Case) -> None:
    target = case.target.astype(np.float32)
    for distance in (-50, -10, 10, 50):
        score = (case.rows_of(case.init) + distance).astype(np.float32)
        gradient, hessian = case.derive(score, target)
        values: dict[str, Any] = {
            "loss": case.loss(score, target),
            "gradient": gradient,
            "hessian": hessian,
        }
        for name, found in values.items():
            least = 0 if name == "hessian" else -np.inf
            if not (np.isfinite(found) & (found >= least)).all():
                case.fail(
                    f"the {name} of float32 scores {distance} from the start is "
                    f"{found[~(np.isfinite(found) & (found >= least))][0]}"
                )


def _check_link(case: Case) -> None:
    found = case.objective.inverse_link(case.score)
    if np.shape(found) != case.score.shape:
        case.fail("inverse_link must return an array of the scores' shape")
    if case.objective.task != "regression" and not ((found >= 0) & (found <= 1)).all():
        case.fail("inverse_link must return probabilities, in [0, 1]")
    if case.objective.multi_score:
        if not np.allclose(found.sum(axis=1), 1):
            case.fail("the probabilities of a row must sum to 1")
    elif (np.diff(found[np.argsort(case.score)]) < 0).any():
        case.fail("inverse_link must not fall as the score rises")
