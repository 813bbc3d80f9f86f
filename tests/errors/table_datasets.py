"""Errors of generators and loaders; nothing is asked of a network."""

from __future__ import annotations

import sys
from email.message import Message
from functools import partial
from unittest.mock import Mock, patch
from urllib.error import HTTPError, URLError

import numpy as np
import scipy.sparse as sp
from sklearn.utils import Bunch

from skmo.datasets import (
    _openml,
    fetch_emotions,
    fetch_scene,
    make_conflicting,
    make_drug_screen,
    make_feed,
    make_funnel,
    make_multi_ranking,
    make_multi_target,
)
from skmo.exceptions import DownloadError

from .case import Case

COVERS = {"datasets"}

LABELS = _openml.Source(40589, 20, 3, 2, labels=True)
REALS = _openml.Source(40589, 20, 3, 2, labels=False)


def without_pandas(function):
    with patch.dict(sys.modules, {"pandas": None}):
        function(as_frame=True)


def fetch_without_a_network(failure):
    with patch.object(_openml, "fetch_openml", Mock(side_effect=failure)):
        fetch_scene(data_home="cache")


def served(**changes):
    """What scikit-learn makes of a data set's files."""
    found = {
        "data": np.arange(60.0).reshape(20, 3),
        "target": np.ones((20, 2)),
        "feature_names": ["a", "b", "c"],
        "target_names": ["y", "z"],
        "categories": {},
        "DESCR": "",
        "details": {},
        "url": "",
    }
    return Bunch(**{**found, **changes})


def fetch(*answers, source=REALS):
    """The function's calls, one for each answer."""
    with (
        patch.object(_openml, "fetch_openml", Mock(side_effect=answers)),
        patch.dict(_openml.SOURCES, {"fetch_emotions": source}),
    ):
        for _ in answers:
            fetch_emotions(data_home="cache")


bad_input = partial(Case, error=ValueError)
# Of a loader whose data have changed.
other = partial(Case, error=ValueError)
no_network = partial(Case, error=DownloadError)

CASES = {
    # Generators.
    "number of rows": bad_input(
        partial(make_feed, 0),
        parameter="The 'n_samples' parameter of make_feed",
        value="Got 0 instead",
        remedy="must be an int in the range [1, inf)",
    ),
    "number of scaffolds": bad_input(
        partial(make_drug_screen, n_scaffolds=10**9),
        parameter="The 'n_scaffolds' parameter of make_drug_screen",
        value="Got 1000000000 instead",
        remedy="must be an int in the range [1, ",
    ),
    "text for a number": bad_input(
        partial(make_multi_ranking, n_labels="?" * 1000),
        parameter="The 'n_labels' parameter of make_multi_ranking",
        value="Got '" + "?" * 199 + " instead",
        remedy="must be an int in the range [1, inf)",
    ),
    "share": bad_input(
        partial(make_conflicting, conflict=1.5),
        parameter="The 'conflict' parameter of make_conflicting",
        value="Got 1.5 instead",
        remedy="must be a float in the range [0, 1]",
    ),
    "share of all": bad_input(
        partial(make_feed, missing=1),
        parameter="The 'missing' parameter of make_feed",
        value="Got 1 instead",
        remedy="must be a float in the range [0, 1)",
    ),
    "share of none": bad_input(
        partial(make_drug_screen, pass_rate=0),
        parameter="The 'pass_rate' parameter of make_drug_screen",
        value="Got 0 instead",
        remedy="must be a float in the range (0, 1]",
    ),
    "number for all targets": bad_input(
        partial(make_multi_target, best_score=0.0),
        parameter="The 'best_score' parameter of make_multi_target",
        value="Got 0.0 instead",
        remedy="must be a float in the range (0, 1] or a sequence of",
    ),
    "numbers for other targets": bad_input(
        partial(make_conflicting, n_targets=2, noise=[0.1, 0.2, 0.3]),
        parameter="The 'noise' parameter of make_conflicting",
        value="Got [0.1, 0.2, 0.3] instead",
        remedy="or a sequence of 2 of them, one per target",
    ),
    "rate of all": bad_input(
        partial(make_funnel, rates=[0.5, 1.0]),
        parameter="The 'rates' parameter of make_funnel",
        value="Got [0.5, 1.0] instead",
        remedy="at least two rates between 0 and 1, both excluded",
    ),
    "one rate": bad_input(
        partial(make_funnel, rates=0.5),
        parameter="The 'rates' parameter of make_funnel",
        value="Got 0.5 instead",
        remedy="at least two rates between 0 and 1, both excluded",
    ),
    "generator without pandas": Case(
        partial(without_pandas, make_feed),
        ImportError,
        parameter="make_feed(as_frame=True) needs pandas",
        value=None,
        remedy='pip install "skmo[pandas]"',
    ),
    "loader without pandas": Case(
        partial(without_pandas, fetch_scene),
        ImportError,
        parameter="fetch_scene(as_frame=True) needs pandas",
        value=None,
        remedy='pip install "skmo[pandas]"',
    ),
    # Loaders.
    "no network": no_network(
        partial(fetch_without_a_network, URLError("no address")),
        parameter="fetch_scene found no complete copy of the data set",
        value="OpenML cannot be reached (no address)",
        remedy="pass as 'data_home' the folder of a cache that has it",
    ),
    "slow network": no_network(
        partial(fetch_without_a_network, TimeoutError("timed out")),
        parameter="fetch_scene found no complete copy of the data set",
        value="OpenML cannot be reached (timed out)",
        remedy="Call it once where there is a network",
    ),
    "answer of a server": no_network(
        partial(
            fetch_without_a_network,
            HTTPError("https://openml.org", 503, "Unavailable", Message(), None),
        ),
        parameter="fetch_scene found no complete copy of the data set",
        value="OpenML answered 503 (Unavailable)",
        remedy="or generate data with one of skmo.datasets.make_*",
    ),
    "checksum": other(
        partial(
            fetch,
            served(details={"md5_checksum": "0bad"}),
            source=REALS._replace(md5="900d"),
        ),
        parameter="The data set 40589 of OpenML is not the one fetch_emotions",
        value="its MD5 checksum must be 900d. Got 0bad instead",
        remedy="delete the folder",
    ),
    "sparse data": other(
        partial(fetch, served(data=sp.csr_matrix((20, 3)))),
        parameter="The data set 40589 of OpenML is not the one fetch_emotions",
        value="its format must be dense. Got sparse instead",
        remedy="sklearn.datasets.fetch_openml(data_id=40589) loads it as it is",
    ),
    "fewer rows": other(
        partial(fetch, served(data=np.zeros((19, 3)))),
        parameter="The data set 40589 of OpenML is not the one fetch_emotions",
        value="its shape must be (20, 3). Got (19, 3) instead",
        remedy="sklearn.datasets.fetch_openml(data_id=40589) loads it as it is",
    ),
    "other labels": other(
        partial(fetch, served(target=np.full((20, 2), "maybe")), source=LABELS),
        parameter="The data set 40589 of OpenML is not the one fetch_emotions",
        value="its labels other than true and false must be []. Got ['maybe'] instead",
        remedy="sklearn.datasets.fetch_openml(data_id=40589) loads it as it is",
    ),
    "other values than before": other(
        partial(fetch, served(), served(target=np.zeros((20, 2)))),
        parameter="fetch_emotions loaded other values than its first call did",
        value="openml_40589.sha256' says. Got ",
        remedy="Delete that file to accept the new values",
    ),
}

ELSEWHERE: dict[tuple[str, str], str] = {}
