"""Fixtures for the tests of tuning, which are left out without Optuna."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

collect_ignore_glob = ["*.py"] if find_spec("optuna") is None else []


@pytest.fixture
def url(tmp_path):
    """A database that is not there yet."""
    return f"sqlite:///{tmp_path / 'tuning.db'}"
