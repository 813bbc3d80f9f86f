"""How many examples hypothesis draws, and from where.

By default few, the same ones in every run. ``SKMO_EXAMPLES=2000`` asks for so many of
each property, new ones in every run; a failure prints what repeats it.
"""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

_EXAMPLES = os.environ.get("SKMO_EXAMPLES")
settings.register_profile(
    "skmo",
    max_examples=int(_EXAMPLES or 5),
    derandomize=_EXAMPLES is None,
    database=None,
    deadline=None,
    print_blob=True,
    # A fit is slow to hypothesis, and its data are drawn by a seed.
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("skmo")

# What skmo has to say of such data is right, and tested elsewhere.
_SAID = ("ConstantTarget", "IneffectiveBalancer", "NoTrees", "Validation")


def pytest_collection_modifyitems(items):
    """Let skmo's own warnings pass in this folder, and scikit-learn's of labels."""
    here = os.path.dirname(__file__)
    for item in items:
        if str(item.path).startswith(here):
            for name in _SAID:
                said = f"ignore::skmo.exceptions.{name}Warning"
                item.add_marker(pytest.mark.filterwarnings(said))
            item.add_marker(
                pytest.mark.filterwarnings("ignore:The number of unique classes")
            )
