"""Files that were made to do harm, with a checksum that is right."""

from __future__ import annotations

import json
import random
import tracemalloc
from contextlib import suppress

import numpy as np
import pytest

from skmo.exceptions import ModelFileError
from skmo.persistence._container import build, parse
from tests.persistence.models import (
    MODELS,
    assert_same,
    classifier,
    fitted,
    loaded,
    regressor,
    saved,
)


def unpacked(content):
    """Header, the state's JSON and all sections, to be edited."""
    header, sections = parse(content, 1 << 30)
    return header, json.loads(sections[0]), list(sections)


def packed(header, tree, sections):
    sections = [json.dumps(tree).encode(), *sections[1:]]
    return build(header, sections)


def attributes(tree, *names):
    """Keys and values of an object within the state."""
    for name in names:
        tree = tree[name] if name in tree else field(tree, name)
    return tree


def field(tree, name):
    pairs = tree["attributes"]
    return pairs["values"][pairs["keys"].index(name)]


def set_field(tree, name, value):
    pairs = tree["attributes"]
    pairs["values"][pairs["keys"].index(name)] = value


def test_the_tools_of_these_tests_change_nothing():
    content = saved(fitted("blend")[0])
    assert_same(loaded(packed(*unpacked(content))), fitted("blend")[0])


def refused(header, tree, sections, match="."):
    with pytest.raises(ModelFileError, match=match):
        loaded(packed(header, tree, sections))


def with_array(parts, name, change, *, kind="forest"):
    """The parts with an array of the forest or result changed."""
    header, tree, sections = parts
    node = tree["_result"]
    node = field(node, "forest") if kind == "forest" else node
    index = (node[name] if kind == "forest" else field(node, name))["index"]
    entry = header["sections"][index]
    array = np.frombuffer(sections[index], entry["dtype"]).reshape(entry["shape"])
    array = np.ascontiguousarray(change(array.copy()))
    entry.update(dtype=array.dtype.str, shape=list(array.shape))
    sections[index] = array.tobytes()
    return header, tree, sections


def change_first(value):
    def change(array):
        array.ravel()[0] = value
        return array

    return change


@pytest.mark.parametrize(
    ("name", "change", "kind"),
    [
        ("values", lambda a: a[:-1], "forest"),
        ("values", lambda a: a[:, :-1], "forest"),
        ("values", lambda a: a.astype("<f8"), "forest"),
        ("values", lambda a: a.astype("<i4"), "forest"),
        ("values", lambda a: a.ravel(), "forest"),
        ("sizes", change_first(1000), "forest"),
        ("sizes", lambda a: a[:-1], "forest"),
        ("ends", change_first(2), "forest"),
        ("ends", change_first(-1), "forest"),
        ("ends", lambda a: a[:-1], "forest"),
        ("ends", lambda a: a + 0.5, "forest"),
        ("init_scores", lambda a: a[:-1], "forest"),
        ("init_scores", lambda a: np.tile(a, 2), "forest"),
        ("n_iter", change_first(10**6), "result"),
        ("n_iter", change_first(-1), "result"),
        ("n_iter", lambda a: a[:-1], "result"),
        ("n_iter", lambda a: a.astype("<f8"), "result"),
        ("total_gains", lambda a: a[:, :-1], "result"),
        ("importances", lambda a: a[:-1], "result"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(name, change, kind):
    parts = unpacked(saved(fitted("blend")[0]))
    refused(*with_array(parts, name, change, kind=kind))


def edit_coder(name, value):
    return lambda tree: set_field(field(tree["_result"], "coder"), name, value)


def edit_result(name, value):
    return lambda tree: set_field(tree["_result"], name, value)


def edit_state(name, value):
    return lambda tree: tree.update({name: value})


def edit_head(name, value):
    return lambda tree: set_field(field(tree["_result"], "heads")[0], name, value)


def edit_trees(name, value):
    def edit(tree):
        field(field(tree["_result"], "heads")[0], "trees")[name] = value

    return edit


SLICE = {"type": "slice", "start": 0, "stop": 99, "step": None}


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (edit_state("_result", None), "do not fit together: the booster"),
        (edit_state("_result", {"type": "dict", "keys": [], "values": []}), "booster"),
        (edit_state("_features", 3), "the encoding of features"),
        (edit_state("n_features_in_", 5), "n_features_in_"),
        (edit_state("n_features_in_", "5"), "n_features_in_"),
        (edit_state("predict", 3), r"MultiObjectiveRegressor\.predict"),
        (edit_state("__class__", 3), "__class__"),
        (edit_state("no name", 3), "no name"),
        (edit_state("_metadata_request", []), "cannot be put together"),
        (edit_coder("scores", [SLICE] * 3), "scores"),
        (edit_coder("scores", []), "scores"),
        (edit_coder("owner", []), "owner"),
        (edit_coder("objectives", []), "objectives"),
        (edit_coder("objectives", [1, 2, 3]), "objectives"),
        (edit_result("heads", []), "heads"),
        (edit_result("heads", [1, 2, 3]), "heads"),
        (edit_result("history", []), "history"),
        (edit_result("forest", None), "booster"),
        (edit_head("share", 2.0), "share"),
        (edit_head("trees", None), "trees"),
        (edit_head("continues", 1), "continues"),
        (edit_trees("n_threads", 10**9), "n_threads"),
        (edit_trees("best_iteration", 10**6), "best_iteration"),
        (edit_trees("best_iteration", -1), "best_iteration"),
        (edit_state("x", {"type": "object", "object": 1}), "unknown 'object'"),
        (edit_state("x", {"type": "os:system", "params": "ls"}), "unknown 'os:system'"),
        (edit_state("x", {"type": "custom", "name": "Evil"}), "is not skmo's own"),
        (edit_state("x", {"type": ["dict"]}), "not plain"),
        (edit_state("x", {}), "not plain"),
        (edit_state("x", {"type": "class", "name": "os.system"}), "put together"),
        (edit_state("x", {"type": "section", "index": 0}), "section"),
        (edit_state("x", {"type": "section", "index": 10**9}), "section"),
        (edit_state("x", {"type": "section", "index": "1"}), "section"),
        (edit_state("x", {"type": "float", "value": "1"}), "number that is none"),
        (edit_state("x", {"type": "tuple"}), "put together"),
        (edit_state("x", {"type": "dict", "keys": [1], "values": []}), "put together"),
        (
            edit_state("x", {"type": "dict", "keys": [[]], "values": [1]}),
            "put together",
        ),
        (edit_state("x", {"type": "balancer:mgda", "params": 3}), "put together"),
        (
            edit_state(
                "x",
                {
                    "type": "balancer:mgda",
                    "params": {"type": "dict", "keys": ["y"], "values": [1]},
                },
            ),
            "put together",
        ),
        (
            edit_state("x", {"type": "array", "shape": [9], "items": [1]}),
            "put together",
        ),
        (edit_state("x", {"type": "pandas:Period", "ordinal": 1}), "put together"),
        (edit_state("x", {"type": "datetime", "text": "tomorrow"}), "put together"),
        (edit_state("x", {"type": "decimal", "text": "1" * 2000}), "decimal"),
        (
            edit_state(
                "x", {"type": "random_state", "key": [1], "pos": 0, "has_gauss": 0}
            ),
            "random generator",
        ),
    ],
)
def test_states_that_make_no_sense_are_refused(edit, message):
    header, tree, sections = unpacked(saved(fitted("blend")[0]))
    edit(tree)
    refused(header, tree, sections, message)


def test_a_random_state_that_reads_beyond_its_key_is_refused():
    est = regressor(random_state=np.random.RandomState(0), heads="none")[0]
    header, tree, sections = unpacked(saved(est))
    assert tree["random_state"]["pos"] <= 624
    for pos in (-1, 625, 10**9):
        tree["random_state"]["pos"] = pos
        refused(header, tree, sections, "random generator")


def test_text_that_no_characters_are_is_refused():
    est = classifier([np.array(["a", "bcd"])])[0]
    header, tree, sections = unpacked(saved(est))
    index = next(i for i, e in enumerate(header["sections"]) if e.get("dtype") == "<U3")
    sections[index] = b"\xff" * len(sections[index])
    refused(header, tree, sections, "no known characters")


def test_truth_values_are_0_or_1():
    header, tree, sections = unpacked(saved(fitted("blend")[0]))
    index = next(i for i, e in enumerate(header["sections"]) if e.get("dtype") == "|b1")
    sections[index] = b"\x07" * len(sections[index])
    refused(header, tree, sections, "neither 0 nor 1")


@pytest.mark.parametrize("key", ["dtype", "shape", "kind"])
@pytest.mark.parametrize(
    "value",
    ["|O", "<f16", "<c8", "O", "<M8[x]", "<U0", 3, None, [2**62, 4], [-1], [[3]], []],
)
def test_sections_of_other_kinds_are_refused(key, value):
    header, tree, sections = unpacked(saved(fitted("regressor")[0]))
    index = field(tree["_result"], "forest")["values"]["index"]
    assert header["sections"][index]["kind"] == "array"
    header["sections"][index][key] = value
    refused(header, tree, sections)


@pytest.mark.parametrize(
    "edit",
    [
        lambda header: header.update(estimator="object"),
        lambda header: header.update(estimator="os.system"),
        lambda header: header.update(estimator=["MultiObjectiveRegressor"]),
        lambda header: header.pop("estimator"),
        lambda header: header.update(format=99),
        lambda header: header.update(format=True),
        lambda header: header.update(format=0),
        lambda header: header.pop("skmo"),
        lambda header: header.update(skmo=3),
    ],
)
def test_headers_that_make_no_sense_are_refused(edit):
    header, tree, sections = unpacked(saved(fitted("regressor")[0]))
    edit(header)
    refused(header, tree, sections)


# What Python and NumPy say to attributes and arrays that make no sense.
REFUSALS = (
    *(ArithmeticError, AttributeError, LookupError, TypeError, ValueError),
    RuntimeWarning,
)


def anything(rng):
    return rng.choice(
        [
            None,
            True,
            -1,
            2**70,
            1e308,
            "",
            "x" * 50,
            [],
            [[[]]],
            {},
            {"type": "dict", "keys": [], "values": []},
            {"type": "section", "index": rng.randrange(60)},
            {"type": "slice", "start": -5, "stop": 10**9, "step": None},
            {"type": "custom", "name": "print", "params": None},
        ]
    )


def places(tree, found):
    """All containers in a tree of JSON with the keys of what they hold."""
    pairs = tree.items() if type(tree) is dict else enumerate(tree)
    for key, part in pairs:
        found.append((tree, key))
        if type(part) in (list, dict):
            places(part, found)
    return found


def edit_json(rng, header, tree, sections):
    spots = places(tree, [])
    if rng.random() < 0.2:
        spots = [(entry, key) for entry in header["sections"] for key in entry]
    for _ in range(rng.choice([1, 1, 3])):
        container, key = rng.choice(spots)
        if type(container) is dict and rng.random() < 0.2:
            container.pop(key, None)
        else:
            container[key] = anything(rng)


def edit_array(rng, header, tree, sections):
    index = rng.randrange(1, len(sections))
    section = bytearray(sections[index])
    if not section:
        return
    for _ in range(rng.choice([1, 5, 50])):
        section[rng.randrange(len(section))] = rng.randrange(256)
    sections[index] = bytes(section)


def edit_text(rng, header, tree, sections):
    texts = [i for i, e in enumerate(header["sections"]) if e["kind"] == "text"]
    index = rng.choice(texts)
    words = sections[index].decode().split(" ")
    for _ in range(rng.choice([1, 2, 10])):
        spot = rng.randrange(len(words))
        words[spot] = rng.choice(
            ["-1", "0", "1", "2", "3", "7", "99999", "1e300", "nan", "", "-99", "x"]
        )
    sections[index] = " ".join(words).encode()


FUZZED = ["blend", "estimator", "quantiles", "funnel", "ranker of scores"]


@pytest.mark.parametrize("edit", [edit_json, edit_array, edit_text])
@pytest.mark.parametrize("name", FUZZED)
def test_random_edits_do_no_harm(name, edit):
    """What still loads may predict nonsense or refuse to, but does not crash.

    A few of each: tests/fuzz edits more, and more of what a file consists of.
    """
    n_edits = 8
    rng = random.Random(f"{name} {edit.__name__} {n_edits}")
    est, X, _ = fitted(name)
    content = saved(est)
    n_refused = 0
    tracemalloc.start()
    for _ in range(n_edits):
        header, tree, sections = unpacked(content)
        edit(rng, header, tree, sections)
        try:
            found = loaded(packed(header, tree, sections))
        except ModelFileError:
            n_refused += 1
            continue
        with suppress(*REFUSALS):
            found.predict(X)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20_000_000
    if edit is not edit_array:
        assert n_refused > n_edits // 4


def test_the_edits_cover_all_that_models_are_made_of():
    """Every form that a model's file holds is in one of the fuzzed models."""
    kinds = {}
    for name in MODELS:
        _, tree, _ = unpacked(saved(fitted(name)[0]))
        nodes = [tree, *(part for c, k in places(tree, []) if (part := c[k]) or 1)]
        kinds[name] = {n["type"] for n in nodes if type(n) is dict and "type" in n}
    fuzzed = set().union(*(kinds[n] for n in FUZZED))
    rest = set().union(*kinds.values()) - fuzzed
    # One-score coders differ from others in their type alone.
    assert {kind for kind in rest if ":" not in kind} <= {"one_score_coder", "strings"}
