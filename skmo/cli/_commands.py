"""The commands ``python -m skmo demo`` and ``python -m skmo compare``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ._tables import (
    TableError,
    check_columns,
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
    arguments = _parser().parse_args(argv)
    try:
        arguments.run(arguments)
    except (ValueError, ImportError, OSError, RuntimeError) as error:
        reason = " ".join(str(error).split())
        print(f"skmo: error: {reason}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("skmo: interrupted", file=sys.stderr)
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    from .. import __version__

    parser = argparse.ArgumentParser(
        prog="python -m skmo",
        description="Compare one multi-objective model with one LightGBM per target.",
    )
    parser.add_argument("--version", action="version", version=f"skmo {__version__}")
    commands = parser.add_subparsers(required=True, metavar="command")

    demo = commands.add_parser(
        "demo", help="compare on a generated feed: click, long view, watch time"
    )
    demo.add_argument("--rows", type=_count, default=30_000, help="default: 30000")
    demo.add_argument(
        "--out", type=Path, default=Path("report_card.png"), metavar="PICTURE",
        help="where to save the report card's picture (default: report_card.png)",
    )  # fmt: skip
    # So small a fit gains nothing by threads and loses much on a busy machine.
    demo.add_argument("--n-jobs", type=int, default=1, help="threads (default: 1)")
    demo.set_defaults(run=_demo)

    compare = commands.add_parser(
        "compare",
        help="compare on a file of yours",
        description="Every column that is not a target and not named by --drop, "
        "--group or --time is a feature. Text columns are categoricals. An empty cell "
        "of a target is an unobserved value.",
    )
    compare.add_argument("file", help="a .csv, .csv.gz or .parquet file")
    compare.add_argument(
        "--targets", type=_names, required=True, metavar="A,B,...",
        help="the columns to predict",
    )  # fmt: skip
    compare.add_argument(
        "--objectives", type=_names, default=None, metavar="NAMES",
        help="one objective's name per target, or TARGET=NAME for some of them; by "
        "default binary for targets of 0 and 1 and squared_error for others",
    )  # fmt: skip
    compare.add_argument(
        "--drop", type=_names, default=[], metavar="X,Y,...",
        help="columns that are neither target nor feature",
    )  # fmt: skip
    compare.add_argument(
        "--categorical", type=_names, default=[], metavar="X,Y,...",
        help="columns of numbers that are codes of categories",
    )  # fmt: skip
    order = compare.add_mutually_exclusive_group()
    order.add_argument(
        "--group", metavar="COLUMN", help="keep rows of one group on one side"
    )
    order.add_argument(
        "--time", metavar="COLUMN", help="test on the latest rows, train on the rest"
    )
    compare.add_argument(
        "--test-size", type=float, default=0.25, help="share of rows (default: 0.25)"
    )
    compare.add_argument(
        "--picture", type=Path, metavar="FILE", help="save the report card's picture"
    )
    compare.add_argument(
        "--out", type=Path, metavar="MODEL", help="save the fitted skmo model (joblib)"
    )
    compare.add_argument(
        "--n-jobs", type=int, default=None, help="threads (default: all cores)"
    )
    compare.set_defaults(run=_compare)

    for command in (demo, compare):
        command.add_argument(
            "--estimators", type=_count, default=1000, metavar="N",
            help="most trees of a model; early stopping uses fewer (default: 1000)",
        )  # fmt: skip
        command.add_argument(
            "--learning-rate", type=float, default=0.05, help="default: 0.05"
        )
        command.add_argument("--leaves", type=_count, default=31, help="default: 31")
        command.add_argument(
            "--tolerance", type=float, default=0.002,
            help="a smaller change of a score counts as none (default: 0.002)",
        )  # fmt: skip
        command.add_argument("--seed", type=int, default=0, help="default: 0")
    return parser


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is less than 1")
    return number


def _names(text: str) -> list[str]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    if not names:
        raise argparse.ArgumentTypeError("no name given")
    return names


def _demo(arguments: argparse.Namespace) -> None:
    from ..datasets import make_feed
    from ..datasets._feed import TARGETS

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
        target_names=list(TARGETS),
        categorical_features=[0, 1],
    )
    print(result)
    _save_picture(result, arguments.out, required=False)


def _compare(arguments: argparse.Namespace) -> None:
    # Found only after a long fit, a bad path would cost the fit.
    for path in (arguments.picture, arguments.out):
        if path is not None and not path.absolute().parent.is_dir():
            raise TableError(f"There is no folder {path.absolute().parent}.")
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
            raise TableError(f"{name!r} cannot be a target and be set aside, too.")
    Y = target_columns(table, arguments.targets)
    objectives = _objectives(arguments.objectives, Y)
    features = table.drop(columns={*arguments.targets, *arguments.drop, *aside})
    check_columns(features, arguments.categorical, "--categorical")
    X, notes = feature_columns(
        features.astype(dict.fromkeys(arguments.categorical, "category"))
    )
    for note in notes:
        print(f"skmo: note: {note}", file=sys.stderr)
    result = _fit(
        arguments,
        X,
        Y,
        objectives=objectives,
        groups=None if arguments.group is None else table[arguments.group],
        time=None if arguments.time is None else table[arguments.time],
        test_size=arguments.test_size,
    )
    print(result)
    if arguments.picture is not None:
        _save_picture(result, arguments.picture, required=True)
    if arguments.out is not None:
        import joblib

        joblib.dump(result.estimator_, arguments.out)
        print(f"Saved the model to {arguments.out}.")


def _objectives(given: list[str] | None, Y: Any) -> str | list[str]:
    """One objective's name per target from the option's names or pairs."""
    if given is None:
        return "auto"
    pairs = [item.partition("=") for item in given]
    if not any(equals for _, equals, _ in pairs):
        if len(given) != Y.shape[1]:
            raise TableError(
                f"--objectives names {len(given)} objectives for {Y.shape[1]} targets."
            )
        return given
    chosen = {}
    for target, equals, name in pairs:
        if not equals:
            raise TableError("--objectives: give only names, or only TARGET=NAME.")
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

    # A Figure of its own needs no display and leaves pyplot's state alone.
    figure = Figure(
        figsize=(8, 1.5 + 0.4 * len(result.to_records())), layout="constrained"
    )
    result.plot(ax=figure.subplots())
    figure.savefig(path, dpi=150)
    print(f"Saved the picture to {path}.")
