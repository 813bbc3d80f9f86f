"""Whether a balancer of the user's own keeps the contract."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import deepcopy
from typing import NoReturn

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import clone

from ._base import Balancer

# What a method may claim beyond the contract.
CLAIMS = ("convex", "non_conflicting", "permutation", "scale")
_SIZES = (2, 3, 5)
_EXPONENTS = (-30, -15, 0, 15, 30)


def check_balancer(
    balancer: Balancer,
    claims: Sequence[str] = (),
    *,
    n_objectives: int | None = None,
    bounds: ArrayLike | None = None,
) -> None:
    """Check that a balancer keeps the contract of `Balancer`, and what it claims.

    As scikit-learn's ``check_estimator``, for use in the tests of a balancer of your
    own. Nothing is trained: it is asked for the weights of small matrices.

    Parameters
    ----------
    balancer : Balancer
        An instance. It is not changed.
    claims : sequence of {"convex", "non_conflicting", "permutation", "scale"}, \
default=()
        What the method promises beyond the contract:

        - "convex": weights are at least 0 and sum to 1;
        - "non_conflicting": no objective's gradient has a negative inner product
          with the combined one, ``gramian @ weights >= 0``;
        - "permutation": other orders of the objectives give the same weights in
          that order;
        - "scale": all gradients times one factor give the same weights.
    n_objectives : int, default=None
        The number of objectives, for one whose parameters fix it. None tries 2, 3
        and 5.
    bounds : array-like of shape (n_objectives,), default=None
        Upper bounds on the losses to ask with, for one that ``takes_bounds``; needs
        ``n_objectives``.

    Raises
    ------
    AssertionError
        If something is wrong; the message says what.
    ValueError
        For a claim that does not exist, or ``bounds`` without ``n_objectives``.

    See Also
    --------
    skmo.objectives.check_objective : The same for objectives.

    Notes
    -----
    The contract: one finite weight per objective, at least 0 where ``nonnegative``,
    also for Gramians of zeros, of opposed or identical gradients and of lengths from
    1e-15 to 1e15; parameters and copies; that ``needs_gramian``, ``needs_losses``
    and ``takes_preference`` say what is read; that `reset` forgets, so that a fit can
    be repeated, and `keep` lets the rest go on when an objective stops.

    Examples
    --------
    >>> import numpy as np
    >>> from skmo.balancing import UPGrad, Balancer, check_balancer
    >>> check_balancer(UPGrad(), ["non_conflicting", "permutation"])
    >>> class First(Balancer):
    ...     def _weights(self, gramian, losses, preference):
    ...         return np.eye(len(gramian))[0]
    >>> check_balancer(First(), ["permutation"])
    Traceback (most recent call last):
    ...
    AssertionError: First() claims "permutation", but in another order of 2...
    """
    if not isinstance(balancer, Balancer):
        raise AssertionError(
            f"{balancer!r:.200} is no instance of Balancer: pass one, with its "
            "parameters set."
        )
    unknown = set(claims) - set(CLAIMS)
    if unknown:
        raise ValueError(
            f"The 'claims' parameter of check_balancer must be among {CLAIMS}. Got "
            f"{sorted(unknown)} instead."
        )
    if bounds is not None and n_objectives is None:
        raise ValueError(
            f"'bounds' {bounds!r:.200} were passed without 'n_objectives': pass both."
        )
    check = _Check(balancer, bounds)
    check.parameters()
    for n in _SIZES if n_objectives is None else (n_objectives,):
        check.degenerate_gramians(n)
        check.flags(n)
        check.memory(n)
        check.keep(n)
        for claim in claims:
            getattr(check, claim)(n)


class _Check:
    """The single checks; each works on fresh copies of the balancer."""

    def __init__(self, balancer: Balancer, bounds: ArrayLike | None):
        self.balancer = balancer
        self.options = {} if bounds is None else {"bounds": np.asarray(bounds)}

    def fail(self, message: str) -> NoReturn:
        raise AssertionError(f"{self.balancer!r} {message}.")

    def fresh(self) -> Balancer:
        balancer = clone(self.balancer)
        balancer.seed(0)
        balancer.reset()
        return balancer

    def weights(
        self, balancer: Balancer, gramian: np.ndarray, losses: np.ndarray, where: str
    ) -> np.ndarray:
        """The weights, which must be good ones."""
        try:
            found = balancer.weights(gramian, losses, **self.options)
        except (ArithmeticError, ValueError, np.linalg.LinAlgError) as error:
            self.fail(f"fails {where} with {type(error).__name__}: {error}")
        if not isinstance(found, np.ndarray) or found.shape != losses.shape:
            self.fail(
                f"must return an array of shape {losses.shape} {where}. Got shape "
                f"{np.shape(found)}"
            )
        if not np.isfinite(found).all():
            self.fail(f"must return finite weights {where}. Got {found}")
        if balancer.nonnegative and (found < 0).any():
            self.fail(
                f"has nonnegative = True, but gives {found} {where}. Set it to False "
                "if the method's weights may be negative"
            )
        return found

    def parameters(self) -> None:
        try:
            clone(self.balancer)
        except RuntimeError as error:
            self.fail(f"cannot be cloned: {error}")
        before = str(self.balancer.get_params())
        if str(deepcopy(self.balancer).get_params()) != before:
            self.fail("has other parameters in a copy")
        self.balancer.validate_params()
        if self.balancer.acts_on not in ("all", "gradients", "conflict", "lengths"):
            self.fail(
                f"acts on {self.balancer.acts_on!r}; 'acts_on' must be 'all', "
                "'gradients', 'conflict' or 'lengths'"
            )

    def degenerate_gramians(self, n: int) -> None:
        losses = np.random.default_rng(n).uniform(0.1, 1.0, n)
        for wrong, rows in _gradients(n).items():
            for exponent in _EXPONENTS:
                scaled = rows * 10.0 ** (exponent / 2)
                for values in (losses, 0 * losses):
                    self.weights(
                        self.fresh(),
                        scaled @ scaled.T,
                        values,
                        f"for {n} gradients, {wrong}, times 1e{exponent // 2}",
                    )

    def flags(self, n: int) -> None:
        """What is not needed must change nothing, and be missing at times."""
        gramian, losses = next(_calls(n, 1))
        found = self.weights(self.fresh(), gramian, losses, "for random gradients")
        if not self.fresh().needs_gramian:
            other = self.fresh().weights(np.eye(n), losses, **self.options)
            if not np.array_equal(other, found):
                self.fail("reads the Gramian: set needs_gramian = True")
        if not self.fresh().needs_losses:
            try:
                other = self.fresh().weights(gramian, None, **self.options)
            except TypeError as error:
                self.fail(f"reads the losses ({error}): set needs_losses = True")
            again = self.fresh().weights(gramian, losses[::-1] + 1.0, **self.options)
            if not (np.array_equal(other, found) and np.array_equal(again, found)):
                self.fail("reads the losses: set needs_losses = True")
        if self.fresh().takes_preference:
            self.preference(n)

    def preference(self, n: int) -> None:
        moved = False
        for gramian, losses in _calls(n, 6):
            found = self.fresh().weights(gramian, losses)
            equal = self.fresh().weights(gramian, losses, preference=np.full(n, 2.0))
            if not np.allclose(equal, found, rtol=1e-6):
                self.fail("gives other weights for equal importances than for none")
            for k in range(n):
                tilted = np.where(np.arange(n) == k, 9.0, 1.0)
                other = self.fresh().weights(gramian, losses, preference=tilted)
                moved |= not np.allclose(other, found)
        if not moved:
            self.fail("has takes_preference = True, but a preference changes nothing")

    def memory(self, n: int) -> None:
        calls = list(_calls(n, 4))
        balancer = self.fresh()
        first = [self.weights(balancer, *call, "in a later call") for call in calls]
        balancer.reset()
        again = [balancer.weights(*call, **self.options) for call in calls]
        if not np.array_equal(first, again):
            self.fail("gives other weights after reset(): it must forget earlier calls")

    def keep(self, n: int) -> None:
        """An objective stops; in a fit, one that comes back is a reset."""
        if n < 2:
            return
        kept = np.arange(n) > 0
        options = {name: values[kept] for name, values in self.options.items()}
        balancer = self.fresh()
        for gramian, losses in _calls(n, 2):
            balancer.weights(gramian, losses, **self.options)
        balancer.keep(kept)
        gramian, losses = next(_calls(n, 1))
        gramian, losses = gramian[np.ix_(kept, kept)], losses[kept]
        try:
            found = balancer.weights(gramian, losses, **options)
        except (ValueError, IndexError) as error:
            found = error
        good = isinstance(found, np.ndarray) and found.shape == (n - 1,)
        if not good or not np.isfinite(found).all():
            self.fail(
                f"after keep(), when one of {n} objectives has stopped, gives {found}. "
                "Name what it remembers per objective in _per_objective"
            )

    def convex(self, n: int) -> None:
        balancer = self.fresh()
        for call in _calls(n, 8):
            found = self.weights(balancer, *call, "for random gradients")
            if (found < 0).any() or not np.isclose(found.sum(), 1.0, rtol=1e-9):
                self.fail(f'claims "convex", but gives {found}')

    def non_conflicting(self, n: int) -> None:
        balancer = self.fresh()
        for gramian, losses in _calls(n, 8):
            found = self.weights(balancer, gramian, losses, "for random gradients")
            pulls = gramian @ found
            scale = np.sqrt(np.diag(gramian)) * np.sqrt(max(found @ pulls, 0.0))
            if (pulls < -1e-7 * scale).any():
                self.fail(
                    f'claims "non_conflicting", but the weights {found} give the '
                    f"inner products {pulls}"
                )

    def permutation(self, n: int) -> None:
        order = np.roll(np.arange(n), 1)
        a, b = self.fresh(), self.fresh()
        moved = {name: values[order] for name, values in self.options.items()}
        for gramian, losses in _calls(n, 8):
            found = self.weights(a, gramian, losses, "for random gradients")
            other = b.weights(gramian[np.ix_(order, order)], losses[order], **moved)
            close = 1e-7 * np.abs(found).max()
            if not np.allclose(other, found[order], rtol=1e-5, atol=close):
                self.fail(
                    f'claims "permutation", but in another order of {n} objectives '
                    f"the weights {found[order]} become {other}"
                )

    def scale(self, n: int) -> None:
        for factor in (1e-12, 1e-3, 1e6, 1e12):
            a, b = self.fresh(), self.fresh()
            for gramian, losses in _calls(n, 3):
                found = self.weights(a, gramian, losses, "for random gradients")
                other = b.weights(factor * gramian, losses, **self.options)
                close = 1e-7 * np.abs(found).max()
                if not np.allclose(other, found, rtol=1e-5, atol=close):
                    self.fail(
                        f'claims "scale", but a Gramian times {factor:g} turns '
                        f"{found} into {other}"
                    )


def _calls(n: int, n_calls: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Gramians and losses: agreeing, opposed, of unequal length, by turns."""
    rng = np.random.default_rng(n)
    signs = np.where(np.arange(n) % 2, -1.0, 1.0)
    for call in range(n_calls):
        rows = rng.normal(size=(n, 30))
        if call % 3 == 0:
            rows += 2 * signs[:, None] * rng.normal(size=30)
        elif call % 3 == 1:
            rows *= np.logspace(-2, 2, n)[:, None]
        yield rows @ rows.T, rng.uniform(0.2, 2.0, n)


def _gradients(n: int) -> dict[str, np.ndarray]:
    """Rows of gradients by what is special about them."""
    rng = np.random.default_rng(n)
    rows = rng.normal(size=(n, 20))
    signs = np.where(np.arange(n) % 2, -1.0, 1.0)
    one_zero = rows.copy()
    one_zero[0] = 0.0
    return {
        "in any direction": rows,
        "all zero": 0 * rows,
        "one of them zero": one_zero,
        "all the same": np.repeat(rows[:1], n, axis=0),
        "opposed to each other": np.outer(signs, rows[0]),
        "of lengths from 1e-7 to 1e7": np.logspace(-7, 7, n)[:, None] * rows,
    }
