"""The arguments of the commands."""

from __future__ import annotations

import argparse
from pathlib import Path


def make_parser() -> argparse.ArgumentParser:
    """The parser of ``python -m skmo``; ``command`` holds the command's name."""
    from .. import __version__

    parser = argparse.ArgumentParser(
        prog="python -m skmo",
        description="Compare one multi-objective model with one LightGBM per target.",
    )
    parser.add_argument("--version", action="version", version=f"skmo {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    demo = commands.add_parser(
        "demo", help="compare on a generated feed: click, long view, watch time"
    )
    _add_demo(demo)
    compare = commands.add_parser(
        "compare",
        help="compare on a file of yours",
        description="Every column that is not a target and not named by --drop, "
        "--group or --time is a feature. Text columns are categoricals. An empty cell "
        "of a target is an unobserved value.",
    )
    _add_compare(compare)
    for command in (demo, compare):
        _add_settings(command)
    return parser


def _add_demo(demo: argparse.ArgumentParser) -> None:
    demo.add_argument("--rows", type=_count, default=30_000, help="default: 30000")
    demo.add_argument(
        "--out", type=Path, default=Path("report_card.png"), metavar="PICTURE",
        help="where to save the report card's picture (default: report_card.png)",
    )  # fmt: skip
    # So small a fit gains nothing by threads and loses much on a busy machine.
    demo.add_argument("--n-jobs", type=int, default=1, help="threads (default: 1)")


def _add_compare(compare: argparse.ArgumentParser) -> None:
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
        "--cv", type=_count, metavar="N",
        help="mean and interval over N folds instead of one split",
    )  # fmt: skip
    compare.add_argument(
        "--peers", type=_names, default=["lightgbm"], metavar="A,B,...",
        help="other models to score: catboost, catboost_joint, xgboost, "
        "xgboost_joint, forest, or installed for all there are",
    )  # fmt: skip
    compare.add_argument(
        "--picture", type=Path, metavar="FILE", help="save the report card's picture"
    )
    compare.add_argument(
        "--out", type=Path, metavar="MODEL",
        help="save the fitted skmo model (joblib), with --cv that of the last fold",
    )  # fmt: skip
    compare.add_argument(
        "--n-jobs", type=int, default=None, help="threads (default: all cores)"
    )


def _add_settings(command: argparse.ArgumentParser) -> None:
    """What both commands share."""
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


def _count(text: str) -> int:
    try:
        number = int(text)
    except ValueError:  # of which argparse would say "invalid _count value"
        number = 0
    if number < 1:
        raise argparse.ArgumentTypeError(
            f"must be a whole number of at least 1. Got {text!r:.80} instead"
        )
    return number


def _names(text: str) -> list[str]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    if not names:
        raise argparse.ArgumentTypeError(
            f"must be names with commas between them. Got {text!r:.80} instead"
        )
    return names
