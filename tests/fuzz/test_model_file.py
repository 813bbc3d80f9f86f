"""Model files with random edits: only `ModelFileError` comes out of the reader."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest

from skmo.exceptions import ModelFileError
from skmo.persistence._container import build
from tests.fuzz.edits import EDITS, content_of, edit_bytes
from tests.fuzz.examples import random_cases
from tests.persistence.models import MODELS, fitted, loaded, saved
from tests.persistence.test_strangers import FUZZED, REFUSALS, packed, unpacked

NAMES = sorted(MODELS)


def load(content, X):
    """Load, if that is refused at all by `ModelFileError`, and use what was loaded."""
    try:
        found = loaded(content)
    except ModelFileError:
        return False
    # What a stranger's model predicts is another matter.
    with suppress(*REFUSALS):
        found.predict(X)
    with suppress(*REFUSALS):
        list(found.staged_predict(X[:5]))
    with suppress(*REFUSALS):
        saved(found)
    return True


@pytest.mark.filterwarnings("ignore")  # of numbers that make no sense
@pytest.mark.parametrize("edit", EDITS)
def test_edited_sections(edit):
    refused = []

    @random_cases(40)
    def check(rng):
        name = rng.choice(NAMES if edit in ("graft", "change_type") else FUZZED)
        parts = unpacked(content_of(name))
        EDITS[edit](rng, *parts)
        refused.append(not load(packed(*parts), fitted(name)[1][:20]))

    check()
    # Many edited numbers and bytes of arrays are as good as those before, so that it
    # depends on LightGBM's version how many are refused.
    assert any(refused)


@pytest.mark.filterwarnings("ignore")
def test_several_edits():
    @random_cases(60)
    def check(rng):
        model = rng.choice(FUZZED)
        parts = unpacked(content_of(model))
        for name in rng.sample(sorted(EDITS), 2):
            # The second may not find what it edits.
            with suppress(LookupError, ValueError):
                EDITS[name](rng, *parts)
        with suppress(LookupError, ValueError):  # no file can be made of it
            load(packed(*parts), fitted(model)[1][:20])

    check()


@pytest.mark.filterwarnings("ignore")
def test_edited_bytes():
    refused = []

    @random_cases(150)
    def check(rng):
        name = rng.choice(FUZZED)
        content = edit_bytes(rng, content_of(name))
        refused.append(not load(content, fitted(name)[1][:20]))

    check()
    # The header's names may be other ones.
    assert sum(refused) > 0.9 * len(refused)


@pytest.mark.parametrize("depth", [100, 400, 5_000, 100_000])
@pytest.mark.parametrize(
    ("opening", "closing"),
    [
        ("[", "]"),
        ('{"type":"tuple","items":[', "]}"),
        ('{"type":"dict","keys":["a"],"values":[', "]}"),
        ('{"type":"balancer:cr_mogm","params":{"type":"dict","keys":[', "]}}"),
    ],
)
def test_nested_without_end(depth, opening, closing):
    """Python's stack is no deeper than it is: what is too deep is refused."""
    header, tree, sections = unpacked(content_of("regressor"))
    tree["x"] = "here"
    text = json.dumps(tree).replace('"here"', opening * depth + closing * depth)
    load(build(header, [text.encode(), *sections[1:]]), fitted("regressor")[1])
