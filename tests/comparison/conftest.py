"""What the tests of the comparison share."""

import pytest

from skmo.datasets import make_feed


@pytest.fixture(scope="session")
def feed():
    return make_feed(600, random_state=0)
