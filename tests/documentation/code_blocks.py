"""The Python of pages that is not written as a session (``>>>``)."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
# Made by the build.
_GENERATED = {"_build", "auto_examples", "generated"}

_DATA = """
from skmo import MultiObjectiveEstimator
from skmo.datasets import make_feed
X, Y = make_feed(300, random_state=0)
model = est = MultiObjectiveEstimator(
    ["binary", "binary", "poisson"], n_estimators=5, n_jobs=1, random_state=0
).fit(X, Y)
"""


class Page(NamedTuple):
    """What a page's blocks need: modules, and what the text before them stands for."""

    needs: tuple[str, ...]
    setup: str


PAGES = {
    "coming_from.rst": Page(
        ("xgboost", "catboost"),
        "from sklearn.datasets import make_regression\n"
        "X, Y = make_regression(500, n_features=8, n_targets=3, random_state=0)\n"
        "X, X_val, Y, Y_val = X[:400], X[400:], Y[:400], Y[400:]\n",
    ),
    "user_guide/datasets.rst": Page(
        (),
        # There is no network here: rows as many as those of the data set.
        "import skmo.datasets\n"
        "from sklearn.datasets import make_regression\n"
        "XY = make_regression(9125, n_features=4, n_targets=2, random_state=0)\n"
        "def recorded(return_X_y): return XY\n"
        "monkeypatch.setattr(skmo.datasets, 'fetch_river_flow', recorded)\n",
    ),
    "user_guide/explaining.rst": Page(
        ("shap", "matplotlib", "pandas"),
        f"import shap\n{_DATA}names = [f'x{{j}}' for j in range(X.shape[1])]\n",
    ),
    "user_guide/exporting.rst": Page(
        ("treelite", "onnxruntime", "skl2onnx"),
        "import pathlib\n"
        "import treelite\n"
        "from sklearn.datasets import make_classification\n"
        "from sklearn.pipeline import make_pipeline\n"
        "from sklearn.preprocessing import StandardScaler\n"
        "from skmo import MultiObjectiveClassifier\n"
        "X, y = make_classification(300, random_state=0)\n"
        "X = X.astype('float32').astype('float64')\n"
        "Y = y\n"
        "est = MultiObjectiveClassifier(n_estimators=5, n_jobs=1).fit(X, Y)\n"
        "n_scores = 1\n",
    ),
    "user_guide/progress.rst": Page(
        ("sklearn.callback", "rich", "pandas"),
        "import os\n"
        "import joblib\n"
        "from sklearn.datasets import make_regression\n"
        "from skmo import MultiObjectiveRegressor\n"
        "from skmo.callbacks import checkpoint\n"
        "X, Y = make_regression(200, n_features=5, n_targets=2, random_state=0)\n",
    ),
    "user_guide/saving.rst": Page(
        ("skops.io",),
        f"{_DATA}from sklearn.pipeline import make_pipeline\n"
        "from sklearn.preprocessing import StandardScaler\n"
        "pipeline = make_pipeline(StandardScaler(), est).fit(X, Y)\n",
    ),
}


def pages() -> Iterator[str]:
    """Names of all pages that are written by hand, relative to docs/."""
    for path in sorted(DOCS.rglob("*.rst")):
        if not _GENERATED & set(path.relative_to(DOCS).parts):
            yield path.relative_to(DOCS).as_posix()


def python_blocks(page: str) -> list[str]:
    """The ``code-block:: python`` of a page, in order."""
    text = (DOCS / page).read_text(encoding="utf-8")
    found = re.finditer(
        r"^( *)\.\. code-block:: python\n\n((?:\1 +\S.*\n|[ ]*\n)+)", text, re.MULTILINE
    )
    return [textwrap.dedent(match[2]) for match in found]


def fenced_blocks(name: str, language: str) -> list[str]:
    """The blocks of a language in a Markdown file of the top level."""
    text = (ROOT / name).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
