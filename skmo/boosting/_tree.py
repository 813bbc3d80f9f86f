"""Everything skmo asks of LightGBM: no other module imports it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import lightgbm as lgb
import numpy as np
import scipy.sparse as sp

from ._bag import Bag
from ._communicator import ALONE, Communicator
from ._grown import Tree, join_texts, match_leaves, read_numbers, without_outputs
from ._nodes import NodeTable, read_nodes
from ._turns import ModelTurns

# What a custom objective needs. Pre-filtering would abort on tiny data, and the
# two switches of determinism make a fit the same for every number of threads.
QUIET = {"verbosity": -1}  # each call that has parameters sets the level anew
_FIXED = {
    **QUIET,
    "objective": "custom",
    "metric": "None",
    "learning_rate": 1.0,
    "boost_from_average": False,
    "feature_pre_filter": False,
    "deterministic": True,
    "force_col_wise": True,
}
# LightGBM saves a fifth of a tree's time where it knows that the Hessian is 1, as
# its own squared error tells it. That takes gradients from labels: score - label. With
# steps this small scores stay 0 beside any gradient, which then is the negated label.
_TINY_STEP = 2.0**-60
_UNIT_HESSIAN = {"objective": "regression", "learning_rate": _TINY_STEP}


def with_rows_left(params: Mapping[str, Any], n_rows: int) -> dict[str, Any]:
    """Parameters whose sample of so few rows holds one at least.

    The user's share was checked against all training rows; folds and rarely
    observed objectives have fewer.
    """
    least = min(1.01 / n_rows, 1.0)
    fraction = max(params.get("bagging_fraction", 1.0), least)
    return {**params, "bagging_fraction": fraction}


class TreeError(ValueError):
    """LightGBM refused its data or parameters."""


def known_parameters() -> set[str]:
    """The names of all of LightGBM's parameters, aliases included."""
    aliases = lgb.basic._ConfigAliases._get_all_param_aliases()
    return set(aliases).union(*aliases.values())


def quieten() -> None:
    """Let LightGBM print nothing in this thread.

    Whatever is given parameters sets this; some functions have none.
    """
    lgb.Dataset(np.zeros((2, 1)), params={**_FIXED}).construct()


def call_lightgbm(function: str, *args: Any) -> None:
    """Call a function of LightGBM's C API that returns whether it failed."""
    with _translated_errors():
        lgb.basic._safe_call(getattr(lgb.basic._LIB, function)(*args))


class _QuietBooster(lgb.Booster):
    """Does not reset the objective that each custom update resets to none.

    It is none from the start; the reset would draw the columns of
    ``feature_fraction`` once more and, in LightGBM 4.3, start to print.
    """

    def reset_parameter(self, params: dict[str, Any]) -> lgb.Booster:
        if set(params) == {"objective"}:
            return self
        return super().reset_parameter(params)


class TreeGrower:
    """Grows LightGBM trees on the gradients it is given.

    Parameters
    ----------
    X, X_val : ndarray or csr_matrix
        Training rows, and validation rows or None.
    params : mapping
        LightGBM parameters of the trees (not of the boosting).
    categorical : sequence of int
        Indices of categorical features.
    n_threads : int
    bagging_seed : int
    communicator : Communicator
        With the processes that hold further rows: all grow the same trees.
    """

    def __init__(
        self,
        X: np.ndarray | sp.csr_matrix,
        params: Mapping[str, Any],
        *,
        X_val: np.ndarray | sp.csr_matrix | None = None,
        categorical: Sequence[int] = (),
        n_threads: int = 1,
        bagging_seed: int = 3,
        communicator: Communicator = ALONE,
    ):
        self.X, self.X_val = X, X_val
        self.categorical = list(categorical)
        self._communicator = communicator
        self._params = {
            **_FIXED,
            **params,
            "num_threads": n_threads,
            "bagging_seed": bagging_seed,
        }
        with _translated_errors():
            self._train = self._bin()
            self._use_communicator()
            self._val = None
            if X_val is not None and X_val.shape[0]:
                self._val = self._train.create_valid(
                    X_val, params=self._params
                ).construct()
        # LightGBM aborts where it has no feature that could be split.
        self.splittable = any(
            self._train.feature_num_bin(j) > 1 for j in range(X.shape[1])
        )
        self._unit_hessian = False
        self.restart()

    def _use_communicator(self) -> None:
        """Make LightGBM grow the same trees on all processes."""
        self._params |= self._communicator.lightgbm_params
        if self._communicator.n_workers > 1:
            # It estimates leaves' rows, and aborts at an estimate of none.
            least = max(self._params.get("min_data_in_leaf", 20), 1)
            self._params["min_data_in_leaf"] = least

    def _bin(self) -> lgb.Dataset:
        """The training rows in bins, which all processes find from the same rows."""

        def dataset(X: Any, reference: lgb.Dataset | None = None) -> lgb.Dataset:
            return lgb.Dataset(
                X,
                params=self._params,
                categorical_feature=self.categorical,
                free_raw_data=True,
                reference=reference,
            ).construct()

        sample = self._communicator.bin_sample(
            self.X, self._params.get("bin_construct_sample_cnt", 200_000)
        )
        return dataset(self.X, None if sample is None else dataset(sample))

    def take(
        self, rows: np.ndarray, X_val: np.ndarray | sp.csr_matrix | None = None
    ) -> TreeGrower:
        """One of the same kind on some of its rows."""
        return TreeGrower(
            self.X[rows],
            with_rows_left(self._params, len(rows)),
            X_val=X_val,
            categorical=self.categorical,
            n_threads=self._params["num_threads"],
            bagging_seed=self._params["bagging_seed"],
        )

    def restart(self, draw: int = 0) -> None:
        """Begin anew, without trees.

        Parameters
        ----------
        draw : int, default=0
            LightGBM's random numbers start anew, too: each ``draw`` has its own.
        """
        self._draw = draw
        params = {**self._params, **self._seeds(draw)}
        if self._unit_hessian:
            params |= _UNIT_HESSIAN
        with _translated_errors():
            self._booster = _QuietBooster(params, self._train)
            if self._val is not None:
                self._booster.add_valid(self._val, "validation")
        self._least_rows = params.get("min_data_in_leaf", 20)
        n = self._train.num_data()
        self._bag = Bag(
            n,
            params.get("bagging_fraction", 1.0),
            params.get("bagging_freq", 0),
            params["bagging_seed"],
        )
        self._scores = np.zeros(n)
        self._scores_val = None if self._val is None else np.zeros(self._val.num_data())

    def _seeds(self, draw: int) -> dict[str, int]:
        """LightGBM's seeds of one draw: of rows, of features, of thresholds."""
        if draw == 0:
            return {}
        names = ("bagging_seed", "feature_fraction_seed", "extra_seed")
        given = [int(self._params.get(name, 0)) % 2**32 for name in ("seed", *names)]
        seeds = np.random.SeedSequence([*given, draw]).generate_state(len(names))
        return {name: int(s) % 2**30 for name, s in zip(names, seeds, strict=True)}

    @property
    def n_trees(self) -> int:
        return self._booster.num_trees()

    def grow(
        self, gradient: np.ndarray, hessian: np.ndarray | None, share: float = 1.0
    ) -> Tree | None:
        """Grow one tree.

        Parameters
        ----------
        gradient, hessian : ndarray of shape (n_samples,), float32
            A Hessian of None is 1 for all rows, and so for all trees.
        share : float, default=1.0
            The share of the rows that have a gradient. LightGBM takes a leaf's share
            of the Hessian for its share of all rows, so the fewest rows in a leaf
            are raised in proportion.

        Returns
        -------
        Tree or None
            None where no split meets the requirements; nothing is kept then.
        """
        if not self.splittable:
            return None
        if hessian is None and self._knows_unit_hessian and not self._unit_hessian:
            self._unit_hessian = True
            self.restart(self._draw)
        bag = self._bag.draw(self.n_trees)
        self._set_least_rows(share)
        try:
            with _translated_errors():
                stump = self._update(gradient, hessian)
        finally:
            # What LightGBM says of a lost process is never the cause.
            self._communicator.check()
        if stump:
            if self.n_trees == 1 and not self._scores.any():
                self.restart(self._draw)  # LightGBM keeps a first tree without a split
            return None
        index = self.n_trees - 1
        text = self._booster.model_to_string(start_iteration=index, num_iteration=1)
        outputs = read_numbers(text, "leaf_value", np.float64) / self._step
        leaf, self._scores = self._leaves(index, outputs, self._scores, None)
        counts = read_numbers(text, "leaf_count", np.int64)
        if self._communicator.n_workers > 1:
            # LightGBM's are estimates of all processes' rows.
            counts = np.bincount(
                leaf if bag is None else leaf[bag], minlength=len(counts)
            )
        leaf_val = None
        if self.X_val is not None:
            leaf_val = np.empty(0, dtype=np.int32)
        if self._val is not None:
            leaf_val, self._scores_val = self._leaves(
                index, outputs, self._scores_val, self.X_val
            )
        return Tree(
            leaf=leaf,
            leaf_val=leaf_val,
            bag=bag,
            outputs=outputs,
            counts=counts,
            split_feature=read_numbers(text, "split_feature", np.int64),
            left_child=read_numbers(text, "left_child", np.int64),
            right_child=read_numbers(text, "right_child", np.int64),
        )

    @property
    def _knows_unit_hessian(self) -> bool:
        # Whether new labels reach LightGBM's objectives on CUDA is not known.
        device = self._params.get("device_type", self._params.get("device", "cpu"))
        return device != "cuda"

    @property
    def _step(self) -> float:
        """What LightGBM multiplies its outputs by."""
        return _TINY_STEP if self._unit_hessian else 1.0

    def _update(self, gradient: np.ndarray, hessian: np.ndarray | None) -> bool:
        """LightGBM's next tree; whether it has no split."""
        if self._unit_hessian:
            self._train.set_field("label", -gradient)
            # They are the same rows: no need to set the booster up anew.
            self._booster.train_set_version = self._train.version
            return self._booster.update()
        if hessian is None:
            hessian = np.ones_like(gradient)
        return self._booster.update(fobj=lambda *_: (gradient, hessian))

    def _set_least_rows(self, share: float) -> None:
        least = self._params.get("min_data_in_leaf", 20)
        least = max(round(least / share), least) if share > 0 else least
        if least != self._least_rows:
            self._least_rows = least
            with _translated_errors():
                self._booster.reset_parameter({"min_data_in_leaf": least, **QUIET})

    def _leaves(
        self,
        index: int,
        outputs: np.ndarray,
        before: np.ndarray,
        X_val: np.ndarray | sp.csr_matrix | None,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Each row's leaf in tree ``index``, and LightGBM's scores after it.

        The scores LightGBM keeps move by exactly the output of the row's leaf,
        which tells the leaf without walking the tree again, as long as the
        outputs differ by more than the scores' rounding.
        """
        after = self._read_scores(validation=X_val is not None)
        magnitude = max(after.max(), -after.min(), self._step)
        leaf = match_leaves(after - before, outputs * self._step, magnitude)
        if leaf is None:
            # The booster is this grower's alone, the number of threads is not.
            with ModelTurns().taken(False, self._params["num_threads"]) as n_threads:
                leaf = self._booster.predict(
                    self.X if X_val is None else X_val,
                    pred_leaf=True,
                    start_iteration=index,
                    num_iteration=1,
                    num_threads=n_threads,
                    **QUIET,
                ).ravel()
        return leaf.astype(np.int32, copy=False), after

    def _read_scores(self, validation: bool) -> np.ndarray:
        scores: list[np.ndarray] = []

        def keep(current: np.ndarray, _: lgb.Dataset) -> tuple[str, float, bool]:
            scores.append(current.copy())
            return "scores", 0.0, True

        if validation:
            self._booster.eval_valid(keep)
        else:
            self._booster.eval_train(keep)
        return scores[0]

    def finish(self, n_trees: int | None = None) -> TreeStructure:
        """The grown trees, or the first ``n_trees``.

        Free of the training data and of LightGBM's outputs.
        """
        n_trees = n_trees or -1  # all of them, for LightGBM
        text = self._booster.model_to_string(num_iteration=n_trees)
        return TreeStructure(without_outputs(text, _FIXED["objective"]))


class TreeStructure:
    """The structure of fitted trees: from features to leaves.

    Parameters
    ----------
    model : str
        LightGBM's text format.
    """

    def __init__(self, model: str):
        self._booster = lgb.Booster(model_str=model)
        self._turns = ModelTurns()

    @property
    def n_trees(self) -> int:
        return self._booster.num_trees()

    @classmethod
    def joined(cls, parts: Sequence[TreeStructure]) -> TreeStructure:
        """The trees of all parts, one after the other."""
        if len(parts) == 1:
            return parts[0]
        return cls(join_texts([part.text for part in parts]))

    @property
    def n_features(self) -> int:
        return self._booster.num_feature()

    @property
    def text(self) -> str:
        """In LightGBM's text format."""
        return self._booster.model_to_string(num_iteration=-1)

    def nodes(self, start: int = 0, stop: int | None = None) -> list[NodeTable]:
        """The trees ``start`` to ``stop - 1`` as tables."""
        stop = self.n_trees if stop is None else stop
        if stop <= start:
            return []
        dumped = self._booster.dump_model(
            start_iteration=start, num_iteration=stop - start
        )
        return read_nodes(dumped["tree_info"])

    def leaves(
        self,
        X: np.ndarray | sp.csr_matrix,
        start: int,
        stop: int,
        n_threads: int,
    ) -> np.ndarray:
        """Leaf of each row in the trees ``start`` to ``stop - 1``.

        Returns
        -------
        ndarray of shape (n_samples, stop - start), int32
        """
        if stop <= start:
            return np.empty((X.shape[0], 0), dtype=np.int32)
        with self._turns.taken(stop - start == self.n_trees, n_threads) as n_threads:
            leaves = self._booster.predict(
                X,
                pred_leaf=True,
                start_iteration=start,
                num_iteration=stop - start,
                num_threads=n_threads,
                **QUIET,
            )
        return leaves.reshape(X.shape[0], stop - start).astype(np.int32, copy=False)

    def __getstate__(self) -> dict[str, str]:
        return {"model": self.text}

    def __setstate__(self, state: dict[str, str]) -> None:
        self.__init__(state["model"])


def read_booster(text: str) -> lgb.Booster:
    """LightGBM's model from its text."""
    return lgb.Booster(model_str=text)


def train_booster(
    params: Mapping[str, Any],
    data: Mapping[str, Any],
    data_val: Mapping[str, Any] | None,
    *,
    n_estimators: int,
    patience: int,
    tol: float,
    categorical: Sequence[int],
) -> lgb.Booster:
    """LightGBM's own training, with its own objective and metric.

    ``data`` and ``data_val`` (None: no early stopping) are a dataset's arrays
    under LightGBM's names. The booster holds its best rounds alone.
    """
    with _translated_errors():
        train = lgb.Dataset(
            **data, categorical_feature=list(categorical), params=params
        )
        val, callbacks = [], []
        if data_val is not None:
            val = [train.create_valid(**data_val, params=params)]
            callbacks = [_stop_early(patience, tol)]
        return lgb.train(
            params, train, n_estimators, valid_sets=val, callbacks=callbacks
        )


def _stop_early(patience: int, tol: float) -> Callable[[Any], None]:
    """LightGBM's early stopping by an improvement relative to the best so far."""
    if tol == 0.0:
        return lgb.early_stopping(patience, verbose=False)
    best: list[tuple[int, float]] = []

    def callback(env: Any) -> None:
        loss = env.evaluation_result_list[0][2]
        if not best or loss < best[-1][1] - tol * abs(best[-1][1]):
            best.append((env.iteration, loss))
        last = env.iteration == env.end_iteration - 1
        if last or env.iteration - best[-1][0] >= patience:
            raise lgb.callback.EarlyStopException(
                best[-1][0], env.evaluation_result_list
            )

    return callback


@contextmanager
def _translated_errors() -> Iterator[None]:
    """LightGBM's own exceptions become `TreeError`."""
    try:
        yield
    except lgb.basic.LightGBMError as error:
        raise TreeError(
            f"LightGBM refused its data or parameters: {error}. Check "
            "'lightgbm_params' and the tree parameters."
        ) from error
