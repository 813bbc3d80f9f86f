"""What a Pareto front's picture is drawn of, checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..metrics import is_pareto_efficient
from ..metrics._points import objective_index, per_objective, signs


@dataclass(frozen=True)
class Points:
    """What a front's picture is drawn of, checked.

    Attributes
    ----------
    scores : ndarray of shape (n_points, n_objectives)
    names : list
        The objectives'.
    sign : ndarray of shape (n_objectives,)
        1 where greater is better, -1 where less is.
    dominated : ndarray of shape (n_dominated, n_objectives)
    preferences, std : ndarray of shape (n_points, n_objectives) or None
    selected : int or None
    bounds : ndarray of shape (n_objectives,)
        NaN where there is none.
    reference, ideal : ndarray of shape (n_objectives,) or None
    """

    scores: np.ndarray
    names: list
    sign: np.ndarray
    dominated: np.ndarray
    preferences: np.ndarray | None
    std: np.ndarray | None
    selected: int | None
    bounds: np.ndarray
    reference: np.ndarray | None
    ideal: np.ndarray | None

    @property
    def n_objectives(self) -> int:
        return self.scores.shape[1]

    @property
    def worst(self) -> np.ndarray:
        """The worst value of each objective that is drawn, the reference's too."""
        rows = [self.scores, self.dominated]
        if self.reference is not None:
            rows.append(self.reference[None])
        return self.sign * (np.concatenate(rows) * self.sign).min(axis=0)

    @property
    def meets_bounds(self) -> np.ndarray:
        """Which points are at least as good as every bound."""
        with np.errstate(invalid="ignore"):
            return ~(self.sign * (self.scores - self.bounds) < 0).any(axis=1)


def check_points(display: Any) -> Points:
    """A display's parameters, or an error that names the wrong one."""
    scores = check_scores(display.scores)
    n_points, n_objectives = scores.shape
    names = check_names(display.objective_names, n_objectives)
    sign = signs(display.greater_is_better, n_objectives)
    given = {
        "scores": scores,
        "names": names,
        "sign": sign,
        "dominated": np.empty((0, n_objectives)),
        "selected": _check_selected(display.selected, n_points),
        "bounds": check_bounds(display.bounds, names, sign),
    }
    if display.dominated is not None:
        given["dominated"] = _check_dominated(display.dominated, n_objectives)
    for name in ("preferences", "std"):
        values = getattr(display, name)
        given[name] = None if values is None else _check_rows(values, name, scores)
    for name in ("reference", "ideal"):
        point = getattr(display, name)
        if point is not None:
            point = per_objective(point, name, n_objectives)
        given[name] = point
    points = Points(**{field.name: given[field.name] for field in fields(Points)})
    _check_ideal(points)
    return points


def check_scores(scores: ArrayLike, *, finite: bool = True) -> np.ndarray:
    """Scores of at least one point and two objectives, in float64."""
    values = np.asarray(scores, dtype=np.float64)
    if values.ndim != 2 or values.shape[1] < 2 or not len(values):
        raise ValueError(
            "scores must have the shape (n_points, n_objectives), with at least one "
            f"point and two objectives; got the shape {values.shape}."
        )
    if finite and not np.isfinite(values).all():
        row, column = np.argwhere(~np.isfinite(values))[0]
        raise ValueError(
            f"scores must be finite; got {values[row, column]} in row {row}. "
            "ParetoFrontDisplay.from_scores leaves such rows out."
        )
    return values


def split_points(
    scores: ArrayLike,
    rows: dict[str, ArrayLike | None],
    selected: Any,
    greater_is_better: Any,
) -> dict[str, Any]:
    """The front of any points, and the others, as parameters of the display.

    ``rows`` are arrays with a row for each of all the points, or None.
    """
    values = check_scores(scores, finite=False)
    finite = np.isfinite(values).all(axis=1)
    if not finite.any():
        raise ValueError("scores must have a finite row; every row has NaN or inf.")
    front = finite.copy()
    front[finite] = is_pareto_efficient(
        values[finite], greater_is_better=greater_is_better
    )
    found: dict[str, Any] = {"scores": values[front]}
    found["dominated"] = values[finite & ~front]
    for name, given in rows.items():
        if given is not None:
            found[name] = _check_rows(given, name, values, needed=front)[front]
    chosen = _check_selected(selected, len(values))
    if chosen is not None and not front[chosen]:
        raise ValueError(
            f"selected must be a point of the front; point {chosen} is dominated by "
            f"another or not finite. The front is {np.flatnonzero(front).tolist()}."
        )
    found["selected"] = None if chosen is None else int(front[:chosen].sum())
    return found


def default_names(n_objectives: int) -> list:
    return [f"objective {k}" for k in range(n_objectives)]


def check_names(names: Sequence[Any] | None, n_objectives: int) -> list:
    if names is None:
        return default_names(n_objectives)
    if isinstance(names, str) or len(names) != n_objectives:
        raise ValueError(
            f"objective_names must have a name for each of the {n_objectives} columns "
            f"of scores; got {names!r:.200}."
        )
    return list(names)


def check_bounds(bounds: Any, names: list, sign: np.ndarray) -> np.ndarray:
    """The worst value allowed of each objective; NaN where any is."""
    values = np.full(len(names), np.nan)
    if isinstance(bounds, Mapping):
        for key, value in bounds.items():
            _set_bound(values, objective_index(key, names, "bounds"), value, key)
    elif bounds is not None:
        values = np.asarray(bounds, dtype=np.float64)
    if values.shape != (len(names),):
        raise ValueError(
            f"bounds must have a value for each of the {len(names)} objectives, "
            "NaN where there is none, or be a dict of them by objectives' names; "
            f"got the shape {values.shape}."
        )
    values = np.where(values == -np.inf * sign, np.nan, values)
    if np.isinf(values).any():
        raise ValueError(
            f"bounds must be values that can be met, or NaN; got {bounds!r:.200}."
        )
    return values


def _set_bound(values: np.ndarray, k: int, value: Any, key: Any) -> None:
    if not isinstance(value, Real) or isinstance(value, bool):
        raise ValueError(
            f"bounds must hold numbers; got {value!r:.200} for the objective {key!r}."
        )
    if not np.isnan(values[k]):
        raise ValueError(
            f"bounds must name every objective once; {key!r} is one that has the "
            f"bound {values[k]:g} already."
        )
    values[k] = value


def _is_index(value: Any, size: int) -> bool:
    whole = isinstance(value, Integral) and not isinstance(value, bool)
    return whole and 0 <= value < size


def _check_selected(selected: Any, n_points: int) -> int | None:
    if selected is None:
        return None
    if not _is_index(selected, n_points):
        raise ValueError(
            f"selected must be the index of one of the {n_points} points, from 0 to "
            f"{n_points - 1}, or None; got {selected!r:.200}."
        )
    return int(selected)


def _check_dominated(dominated: ArrayLike, n_objectives: int) -> np.ndarray:
    values = np.asarray(dominated, dtype=np.float64)
    if values.size == 0:
        return np.empty((0, n_objectives))
    if values.ndim != 2 or values.shape[1] != n_objectives:
        raise ValueError(
            "dominated must have the shape (n_dominated, n_objectives) and scores "
            f"have {n_objectives} columns; got the shape {values.shape}."
        )
    if not np.isfinite(values).all():
        row, column = np.argwhere(~np.isfinite(values))[0]
        raise ValueError(
            f"dominated must be finite; got {values[row, column]} in row {row}. Leave "
            "out the points that have no score."
        )
    return values


def _check_rows(
    values: ArrayLike, name: str, scores: np.ndarray, needed: Any = slice(None)
) -> np.ndarray:
    """Preferences or standard deviations, in a row for each point."""
    values = np.asarray(values, dtype=np.float64)
    if values.shape != scores.shape:
        raise ValueError(
            f"{name} must have the shape of scores, {scores.shape}; "
            f"got the shape {values.shape}."
        )
    shown = values[needed]
    wrong = (shown < 0) | np.isinf(shown)
    if name == "preferences":
        wrong |= np.isnan(shown) | (shown <= 0).all(axis=1, keepdims=True)
    if wrong.any():
        also = ", with one above 0 in each row" if name == "preferences" else ""
        raise ValueError(
            f"{name} must be finite numbers of at least 0{also}; got "
            f"{shown[wrong.any(axis=1)][0].tolist()}."
        )
    return values


def _check_ideal(points: Points) -> None:
    if points.ideal is None:
        return
    beyond = (points.sign * (points.scores - points.ideal) > 0).any(axis=0)
    if beyond.any():
        k = int(beyond.argmax())
        best = points.sign[k] * (points.sign * points.scores)[:, k].max()
        raise ValueError(
            f"ideal must be at least as good as every score; got {points.ideal[k]:g} "
            f"for {points.names[k]!r}, of which there is {best:g}."
        )
