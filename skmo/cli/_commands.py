"""The commands ``python -m skmo demo`` and ``python -m skmo compare``."""

from __future__ import annotations

import argparse
import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ._arguments import make_parser
from ._tables import (
    TableError,
    check_columns,
    check_single_values,
    feature_columns,
    read_table,
    target_columns,
)

if TYPE_CHECKING:
    from ..comparison import ComparisonResult

DEMO_OBJECTIVES = ("binary", "binary", "poisson")


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command.

    Parameters
    ----------
    argv : list of str or None, default=None
        The arguments; None reads the command line.

    Returns
    -------
    int
        0, or 2 if the input was at fault; the reason is on standard error.
    """
    arguments = make_parser().parse_args(argv)
    run = {"demo": _demo, "compare": _compare}[arguments.command]
    try:
        with _warnings_in_one_line():
            run(arguments)
    except (ArithmeticError, ValueError, ImportError, OSError, RuntimeError) as error:
        _say("error", error)
        return 2
    except MemoryError as error:
        _say("error", f"The memory does not suffice. {error}")
        return 2
    except KeyboardInterrupt:
        print("skmo: interrupted", file=sys.stderr)
        return 130
    return 0


def _say(kind: str, message: object) -> None:
    """One line on standard error."""
    print(f"skmo: {kind}: {' '.join(str(message).split())}", file=sys.stderr)


@contextmanager
def _warnings_in_one_line() -> Iterator[None]:
    """Hold warnings back, so that they break no progress line, then print them.

    They go without file and line: the user wrote no code these could point to.
    """
    with warnings.catch_warnings(record=True) as caught:
        try:
            yield
        finally:
            for warning in caught:
                _say("warning", warning.message)


def _demo(arguments: argparse.Namespace) -> None:
    from ..datasets import FEED_FEATURES, FEED_TARGETS, make_feed

    _check_paths({"--out": arguments.out})
    print(
        f"A generated feed of {arguments.rows} impressions: click, long view and "
        "watch time.\nA fifth of the long views and of the watch times is unobserved.\n"
    )
    X, Y = make_feed(arguments.rows, random_state=arguments.seed)
    result = _fit(
        arguments,
        X,
        Y,
        objectives=list(DEMO_OBJECTIVES),
        target_names=FEED_TARGETS,
        categorical_features=[
            FEED_FEATURES.index(name) for name in ("category", "device")
        ],
    )
    print(result)
    _save_picture(result, arguments.out, required=False)


def _compare(arguments: argparse.Namespace) -> None:
    _check_paths({"--picture": arguments.picture, "--out": arguments.out})
    if arguments.picture is not None:
        _check_matplotlib()
    table = read_table(arguments.file)
    aside = [name for name in (arguments.group, arguments.time) if name is not None]
    for role, names in (
        ("--targets", arguments.targets),
        ("--drop", arguments.drop),
        ("--group" if arguments.group else "--time", aside),
    ):
        check_columns(table, names, role)
    for name in (*arguments.drop, *aside):
        if name in arguments.targets:
            raise TableError(
                f"{name!r} cannot be a target and be set aside, too: name it by "
                "--targets, or by --drop, --group or --time."
            )
    Y = target_columns(table, arguments.targets)
    objectives = _objectives(arguments.objectives, Y)
    for name in aside:
        check_single_values(table[name], name)
    features = table.drop(columns={*arguments.targets, *arguments.drop, *aside})
    check_columns(features, arguments.categorical, "--categorical")
    X, notes = feature_columns(
        features.astype(dict.fromkeys(arguments.categorical, "category"))
    )
    for note in notes:
        _say("note", note)
    result = _fit(
        arguments,
        X,
        Y,
        objectives=objectives,
        groups=None if arguments.group is None else table[arguments.group],
        time=None if arguments.time is None else table[arguments.time],
        test_size=arguments.test_size,
        cv=arguments.cv,
        peers="installed" if arguments.peers == ["installed"] else arguments.peers,
    )
    print(result)
    if arguments.picture is not None:
        _save_picture(result, arguments.picture, required=True)
    if arguments.out is not None:
        import joblib

        joblib.dump(result.estimator_, arguments.out)
        print(f"Saved the model to {arguments.out}.")


def _check_paths(paths: Mapping[str, Path | None]) -> None:
    """Found only after a long fit, a bad path would cost the fit."""
    for option, path in paths.items():
        if path is not None and not path.absolute().parent.is_dir():
            raise TableError(
                f"{option}: there is no folder {path.absolute().parent}. Make it first."
            )
        if path is not None and path.is_dir():
            raise TableError(f"{option}: {path} is a folder: name a file.")


def _objectives(given: list[str] | None, Y: Any) -> str | list[str]:
    """One objective's name per target from the option's names or pairs."""
    if given is None:
        return "auto"
    pairs = [item.partition("=") for item in given]
    if not any(equals for _, equals, _ in pairs):
        if len(given) != Y.shape[1]:
            raise TableError(
                f"--objectives names {len(given)} objectives for {Y.shape[1]} targets: "
                "name one for each, or TARGET=NAME for some of them."
            )
        return given
    chosen = {}
    for target, equals, name in pairs:
        if not equals:
            raise TableError(
                "--objectives: give only names, or only TARGET=NAME. Got "
                f"{','.join(given)!r:.200}."
            )
        check_columns(Y, [target.strip()], "--objectives")
        chosen[target.strip()] = name.strip()
    binary = {name: Y[name].dropna().isin([0, 1]).all() for name in Y}
    return [
        chosen.get(name, "binary" if binary[name] else "squared_error") for name in Y
    ]


def _fit(
    arguments: argparse.Namespace,
    X: Any,
    Y: Any,
    *,
    objectives: str | list[str],
    categorical_features: Any = "from_dtype",
    **options: Any,
) -> ComparisonResult:
    from ..comparison import compare
    from ..estimators import MultiObjectiveEstimator

    estimator = MultiObjectiveEstimator(
        objectives=objectives,
        n_estimators=arguments.estimators,
        learning_rate=arguments.learning_rate,
        num_leaves=arguments.leaves,
        categorical_features=categorical_features,
    )
    with _warnings_in_one_line():
        return compare(
            X,
            Y,
            estimator=estimator,
            tolerance=arguments.tolerance,
            random_state=arguments.seed,
            n_jobs=arguments.n_jobs,
            **options,
        )


def _check_matplotlib() -> None:
    try:
        import matplotlib  # noqa: F401
    except ImportError as error:
        raise ImportError(
            'A picture needs matplotlib: pip install "skmo[plot]".'
        ) from error


def _save_picture(result: ComparisonResult, path: Path, *, required: bool) -> None:
    try:
        _check_matplotlib()
    except ImportError:
        if required:
            raise
        print('For a picture of this: pip install "skmo[plot]".')
        return
    from matplotlib.figure import Figure

    from ..inspection import ReportCardDisplay

    # A Figure of its own needs no display and leaves pyplot's state alone.
    n_objectives, n_peers = len(result.to_records()), len(result.peers)
    size = ReportCardDisplay.figure_size(n_objectives, n_peers)
    figure = Figure(figsize=size, layout="constrained")
    result.plot(ax=figure.subplots())
    figure.savefig(path, dpi=150)
    print(f"Saved the picture to {path}.")
