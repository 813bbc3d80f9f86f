"""Other libraries on the same rows: their names, and what they are asked to do."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, Protocol

import numpy as np

from ..objectives import Objective
from ._separate import Constant, EncodedRows

REFERENCE = "lightgbm"


class Unsupported(Exception):
    """What a library cannot do, in a few words: "no missing targets"."""


class Model(Protocol):
    """A fitted model of one target."""

    def predict(self, X: Any) -> np.ndarray:
        """Means or probabilities, (n_samples,) or one column a class."""


@dataclass(frozen=True)
class Task:
    """What a peer learns in one fold: skmo's rows, rounds, rate and stopping.

    Attributes
    ----------
    objectives : list of Objective
        The classes of "classification" objectives are indices in ``train.Y``.
    patience : int or None
        Rounds without improvement before a model stops; None never stops.
    categorical : list of int
        Features that are codes of categories.
    """

    objectives: list[Objective]
    train: EncodedRows
    validation: EncodedRows
    n_estimators: int
    learning_rate: float
    patience: int | None
    categorical: list[int]
    n_threads: int
    seed: int

    def target(self, k: int) -> tuple[Any, np.ndarray, tuple[Any, np.ndarray] | None]:
        """Features and values of target ``k``, and its rows to stop by, if any."""
        stop = None
        if self.patience is not None and not np.isnan(self.validation.Y[:, k]).all():
            stop = self.validation.observed(k)
        return *self.train.observed(k), stop

    def complete(self, kinds: type | tuple[type, ...]) -> bool:
        """Whether all targets are of these kinds and observed everywhere."""
        parts = [self.train] if self.patience is None else [self.train, self.validation]
        return self.all_are(kinds) and not any(np.isnan(p.Y).any() for p in parts)

    def all_are(self, kinds: type | tuple[type, ...]) -> bool:
        kinds = kinds if isinstance(kinds, tuple) else (kinds,)
        # By exact type: a user's subclass may compute anything.
        return all(type(objective) in kinds for objective in self.objectives)


@dataclass(frozen=True)
class Peer:
    """A way to use a library.

    Attributes
    ----------
    title : str
    package : str
        What is imported.
    module : str
        The module beside this one whose ``fit_one(task, k)`` or, if ``joint``,
        ``fit_joint(task)`` makes a model or one per target.
    """

    title: str
    package: str
    module: str
    joint: bool = False

    def installed(self) -> bool:
        try:
            return find_spec(self.package) is not None
        except ValueError:  # sys.modules holds None
            return False

    def fit(self, task: Task) -> list[Model | str]:
        """One model per target, or in words why there is none."""
        module = importlib.import_module(f".{self.module}", __package__)
        n = len(task.objectives)
        if self.joint:
            models = _attempt(module.errors(), _fit_joint, module, task)
            return [models] * n if isinstance(models, str) else models
        return [_attempt(module.errors(), _fit_one, module, task, k) for k in range(n)]

    def predict(self, model: Model, X: Any) -> np.ndarray | str:
        """Its predictions, or in words why there are none."""
        module = importlib.import_module(f".{self.module}", __package__)
        return _attempt(module.errors(), model.predict, X)


PEERS: dict[str, Peer] = {
    "catboost": Peer("CatBoost", "catboost", "_peer_catboost"),
    "catboost_joint": Peer(
        "CatBoost, joint loss", "catboost", "_peer_catboost", joint=True
    ),
    "xgboost": Peer("XGBoost", "xgboost", "_peer_xgboost"),
    "xgboost_joint": Peer(
        "XGBoost, vector leaf", "xgboost", "_peer_xgboost", joint=True
    ),
    "forest": Peer("random forest", "sklearn", "_peer_forest"),
}


def select_peers(peers: str | Sequence[str]) -> list[str]:
    """The names of the peers to run, besides the reference.

    Raises
    ------
    ValueError
        For an unknown name.
    ImportError
        For a library that is not installed.
    """
    if isinstance(peers, str):
        if peers == "installed":
            return [name for name, peer in PEERS.items() if peer.installed()]
        hint = f" Pass peers=[{peers!r}]." if peers in (REFERENCE, *PEERS) else ""
        raise ValueError(f"{_wanted(peers)}{hint}")
    if not isinstance(peers, Iterable):
        raise ValueError(_wanted(peers))
    names = list(dict.fromkeys(peers))
    for name in names:
        if name not in (REFERENCE, *PEERS):
            raise ValueError(_wanted(name))
        if name in PEERS and not PEERS[name].installed():
            raise ImportError(
                f"The 'peers' parameter of compare names {name!r}, but "
                f"{PEERS[name].package} is not installed: pip install "
                '"skmo[peers]", or pass peers="installed".'
            )
    return [name for name in names if name != REFERENCE]


def _wanted(got: object) -> str:
    return (
        "The 'peers' parameter of compare must be 'installed' or a list of names among "
        f"{[REFERENCE, *PEERS]}. Got {got!r:.200} instead."
    )


def _fit_joint(module: Any, task: Task) -> list[Model]:
    if len(task.objectives) == 1:
        raise Unsupported("nothing to share with a single target")
    return module.fit_joint(task)


def _fit_one(module: Any, task: Task, k: int) -> Model:
    _, y, _ = task.target(k)
    if (y == y[0]).all():
        return Constant(task.objectives[k], y)
    return module.fit_one(task, k)


def _attempt(
    errors: tuple[type[Exception], ...], fit: Callable[..., Any], *arguments: Any
) -> Any:
    """What ``fit`` returns, or what the library has to say against it."""
    try:
        return fit(*arguments)
    except Unsupported as word:
        return str(word)
    except errors as error:
        lines = str(error).strip().splitlines() or [type(error).__name__]
        return f"refused: {lines[0]}"


class Column:
    """The model of one target of a joint model.

    Parameters
    ----------
    predict : callable
        From features to the predictions of all targets.
    k : int
    centre, spread : float
        Of the target's unit, which the joint model does not know.
    """

    def __init__(
        self,
        predict: Callable[[Any], np.ndarray],
        k: int,
        centre: float = 0.0,
        spread: float = 1.0,
    ):
        self._predict, self._k = predict, k
        self._centre, self._spread = centre, spread

    def predict(self, X: Any) -> np.ndarray:
        return self._centre + self._spread * self._predict(X)[:, self._k]


def standardised(Y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Means and standard deviations of the columns; 1 for a constant.

    A joint loss adds the targets' losses up: without a common unit the one of the
    largest numbers would be the only one learnt.
    """
    spread = np.nanstd(Y, axis=0)
    return np.nanmean(Y, axis=0), np.where(spread > 0, spread, 1.0)
