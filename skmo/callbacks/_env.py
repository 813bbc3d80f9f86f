"""What a callback is given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from os import PathLike
from typing import Any, NamedTuple

import numpy as np


class Evaluation(NamedTuple):
    """One objective's loss on one set of rows.

    LightGBM's tuple, and from LightGBM 4.7 on its fields, so that callbacks written
    for LightGBM can read it.

    Attributes
    ----------
    dataset_name : {"training", "valid"}
    metric_name : str
        The objective's name.
    metric_value : float
        Its mean loss, as in ``history_``.
    maximize : bool
        False: a loss is better the smaller it is.

    Examples
    --------
    >>> from skmo.callbacks import Evaluation
    >>> dataset, name, loss, maximize = Evaluation("valid", "dose", 0.25)
    >>> name, loss
    ('dose', 0.25)
    """

    dataset_name: str
    metric_name: str
    metric_value: float
    maximize: bool = False

    @property
    def metric_std_dev(self) -> None:
        """None: LightGBM's standard deviation over folds, of which there are none."""
        return None

    def is_cv_result(self) -> bool:
        """False: the loss of one model, not of one for each fold."""
        return False


@dataclass(frozen=True)
class TrainedSoFar:
    """The model as it is between two rounds.

    Attributes
    ----------
    n_rounds : int
        Rounds trained, those of an earlier fit included.
    n_iter : ndarray of shape (n_objectives,), int
        The round that each objective is at its best after so far.
    objective_names : list of str
    snapshot : callable
        Without arguments: a fitted copy of the estimator, as if the fit had ended
        here, without own learners (``heads``). It reads all trees anew, so that a
        copy in every round makes a fit slow.

    Examples
    --------
    >>> from skmo import MultiObjectiveRegressor
    >>> from skmo.datasets import make_feed
    >>> X, Y = make_feed(n_samples=200, random_state=0)
    >>> def test_score(env):
    ...     if env.model.n_rounds % 5 == 0:
    ...         scores.append(env.model.snapshot().score(X[:50], Y[:50]))
    >>> scores = []
    >>> est = MultiObjectiveRegressor(n_estimators=10, heads="none", random_state=0)
    >>> est = est.fit(X[50:], Y[50:], callbacks=[test_score])
    >>> len(scores), scores[-1] == est.score(X[:50], Y[:50])
    (2, True)
    """

    n_rounds: int
    n_iter: np.ndarray
    objective_names: list[str]
    snapshot: Callable[[], Any]


@dataclass
class CallbackEnv:
    """What a callback is given of a round: LightGBM's fields, and skmo's.

    Before a round (callbacks with ``before_iteration = True``) there is no evaluation
    yet, and the fields from there to ``total_seconds`` are None.

    Attributes
    ----------
    model : TrainedSoFar
    params : dict
        The estimator's parameters, a copy.
    iteration : int
        The round, from 0 on; a warm start counts on.
    begin_iteration, end_iteration : int
        The first round this call of ``fit`` trains, and the one behind the last
        (``n_estimators``), which early stopping may keep it from.
    evaluation_result_list : list of Evaluation or None
        The losses of all objectives: "training", then "valid" if there are
        validation rows. An objective that no row of a set observes has none there.
    train_loss, val_loss : dict of str to float
        The same by the objectives' names; ``val_loss`` is empty without validation
        rows.
    weights : ndarray of shape (n_objectives,)
        The balancer's weights in this round.
    gap, conflict, seconds : float
        As in ``history_``; ``conflict`` is NaN where it is not measured.
    total_seconds : float
        Of all rounds so far.
    ending : bool
        Whether no round follows, as far as is known: the last one, all objectives
        have stopped, or a callback of a lower ``order`` has ended the fit. (Where no
        tree can be grown any more, fits end without such a call.)

    Examples
    --------
    >>> from skmo import MultiObjectiveRegressor
    >>> from skmo.datasets import make_feed
    >>> X, Y = make_feed(n_samples=200, random_state=0)
    >>> def show(env):
    ...     if env.ending:
    ...         print(env.iteration, sorted(env.train_loss))
    >>> est = MultiObjectiveRegressor(n_estimators=5, heads="none", random_state=0)
    >>> est = est.fit(X, Y, callbacks=[show])
    4 ['target0', 'target1', 'target2']
    """

    model: TrainedSoFar
    params: dict[str, Any]
    iteration: int
    begin_iteration: int
    end_iteration: int
    evaluation_result_list: list[Evaluation] | None = None
    train_loss: dict[str, float] | None = None
    val_loss: dict[str, float] | None = None
    weights: np.ndarray | None = None
    gap: float | None = None
    conflict: float | None = None
    seconds: float | None = None
    total_seconds: float | None = None
    ending: bool = False
    _history: Callable[[], dict[str, np.ndarray]] | None = None
    _save: Callable[[str | PathLike], None] | None = None

    def history(self) -> dict[str, np.ndarray]:
        """All rounds so far, as in the estimator's ``history_``: a copy.

        Returns
        -------
        dict of str to ndarray
        """
        return self._history()

    def save_checkpoint(self, path: str | PathLike) -> None:
        """Write what a fit with ``resume_from=path`` goes on from: see `checkpoint`.

        Parameters
        ----------
        path : str or path-like
            A file that is there is replaced, at once or not at all.

        Raises
        ------
        ValueError
            Before a round, and if something in the fit cannot be pickled.
        """
        if self._save is None:
            raise ValueError(
                f"save_checkpoint({str(path)!r:.200}) was called before a round: a "
                "checkpoint is of whole rounds. Leave out before_iteration = True."
            )
        self._save(path)
