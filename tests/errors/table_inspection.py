"""Errors of pictures."""

from __future__ import annotations

import sys
from functools import partial
from importlib.util import find_spec
from unittest.mock import patch

from skmo.inspection import ReportCardDisplay, WeightsDisplay

from ._inspection_front import CASES as OF_FRONTS
from ._inspection_rounds import KINDS as OF_ROUNDS
from ._inspection_trees import CASES as OF_TREES
from .case import Case, all_sites

COVERS = {"inspection"}


def without_matplotlib(display):
    with patch.dict(sys.modules, {"matplotlib": None}):
        display.plot()


CASES = {
    "no matplotlib": Case(
        partial(without_matplotlib, WeightsDisplay(weights=[[1.0]], names=["a"])),
        ImportError,
        None,
        "WeightsDisplay needs matplotlib",
        'pip install "skmo[plot]"',
    ),
    "no matplotlib for a report card": Case(
        partial(
            without_matplotlib,
            ReportCardDisplay(names=["a"], metrics=["R2"], separate=[0.1], skmo=[0.2]),
        ),
        ImportError,
        None,
        "ReportCardDisplay needs matplotlib",
        'pip install "skmo[plot]"',
    ),
}
ELSEWHERE: dict[tuple[str, str], str] = {}

if find_spec("matplotlib") is not None:
    for kind, cases in (("front", OF_FRONTS), ("tree", OF_TREES), *OF_ROUNDS.items()):
        CASES |= {f"{kind}: {name}": case for name, case in cases.items()}
else:
    ELSEWHERE = {
        (site.file, site.function): "matplotlib is not installed"
        for site in all_sites()
        if site.file.startswith("inspection/")
    }
