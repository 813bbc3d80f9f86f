"""Figures to draw in."""

import pytest


@pytest.fixture
def new_figure():
    """Function that makes figures which no pyplot holds on to."""
    module = pytest.importorskip("matplotlib.figure", reason="plots need matplotlib")

    def make(layout="constrained", **options):
        return module.Figure(layout=layout, **options)

    return make


@pytest.fixture
def axes(new_figure):
    return new_figure(figsize=(7, 5)).subplots()
