"""Files, pickles and copies: nothing lost, nothing half-written, nothing run."""

from __future__ import annotations

import copy
import io
import json
import math
import os
import pickle
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import compgraph as cg
from compgraph import GraphTypeError, Node, StoreError, load, save
from compgraph.graph import inputs, order, same
from compgraph.store import dumps, loads, write_file

LONG = 100_000


def by_python_pickler(value: Any) -> Any:
    file = io.BytesIO()
    pickle._Pickler(file).dump(value)
    return pickle._Unpickler(io.BytesIO(file.getvalue())).load()


ROUND_TRIPS = {
    "JSON": lambda value: loads(dumps(value)),
    **{f"pickle {n}": lambda value, n=n: pickle.loads(pickle.dumps(value, n)) for n in range(6)},
    "Python's own pickler": by_python_pickler,
}
every_round_trip = pytest.mark.parametrize("there_and_back", ROUND_TRIPS.values(), ids=ROUND_TRIPS)


# --- there and back ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("there_and_back", [ROUND_TRIPS["JSON"], ROUND_TRIPS["pickle 5"]], ids=["JSON", "pickle"])
@given(data=st.data())
def test_random_graphs_come_back_with_values_and_gradients(there_and_back: Any, graphs: Any, data: Any) -> None:
    root, _ = data.draw(graphs)
    root.backward()
    back = there_and_back(root)
    assert same(root, back)
    assert [node.grad for node in order(back)] == [node.grad for node in order(root)]
    assert back.value == root.value
    back.backward()
    assert [node.grad for node in order(back)] == [node.grad for node in order(root)]


@every_round_trip
def test_identity_between_the_nodes_of_one_object_is_kept(there_and_back: Any, x: Node, w: Node) -> None:
    L = (w * x).named("z") * x
    for pair in ([L, w], [w, L]):
        back = dict(zip(pair, there_and_back(pair), strict=True))
        assert back[w] in order(back[L])
    back = there_and_back({"L": L, "x": x})
    back["x"].value = 5.0
    assert back["L"].value == 75.0


@every_round_trip
def test_two_graphs_that_share_a_part_still_share_it(there_and_back: Any, x: Node) -> None:
    shared = cg.exp(x)
    one, two = there_and_back([shared + 1, shared + 2])
    assert one.args[0] is two.args[0]


@every_round_trip
def test_repeated_edges_names_and_missing_values_are_kept(there_and_back: Any) -> None:
    q = Node(name='w"<b>\n{x}')
    back = there_and_back(q * q)
    assert back.args[0] is back.args[1]
    assert back.args[0].name == q.name
    assert repr(back) == repr(q * q)


@every_round_trip
def test_numbers_come_back_exactly(there_and_back: Any) -> None:
    numbers = [0.1, 1 / 3, 5e-324, 1.7976931348623157e308, -0.0, math.inf, -math.inf, math.nan]
    back = there_and_back([Node(number) for number in numbers])
    assert [repr(node._value) for node in back] == [repr(number) for number in numbers]


@every_round_trip
def test_not_computed_stays_none(there_and_back: Any, x: Node) -> None:
    assert there_and_back(x * 2).args[0].grad is None


@every_round_trip
def test_a_graph_that_came_back_is_a_spreadsheet(there_and_back: Any, x: Node) -> None:
    back = there_and_back(x * x)
    assert back.value == 4.0
    inputs(back)[0].value = 3.0
    assert back.value == 9.0
    assert x.value == 2.0


def test_ops_of_the_user_s_own_come_back(x: Node) -> None:
    cube = cg.op("cube", lambda y, x: 3 * x**2, body=lambda x: x**3)
    back = loads(dumps(cube(x)))
    assert (back.op, back.value) == (cube, 8.0)


def test_a_long_chain_goes_there_and_back(x: Node) -> None:
    one, end = Node(1.0), x
    for _ in range(LONG):
        end = end + one
    assert loads(dumps(end)).value == LONG + 2.0
    assert pickle.loads(pickle.dumps(end)).value == LONG + 2.0


# --- pickle --------------------------------------------------------------------------------------------------------


class Unpicklable:
    def __reduce__(self) -> Any:
        raise RuntimeError("cannot be pickled")


@pytest.mark.parametrize("pickler", [pickle.Pickler, pickle._Pickler])
def test_a_pickling_that_failed_does_not_change_the_next(pickler: Any, x: Node, w: Node) -> None:
    L = w * x
    with pytest.raises(RuntimeError, match="cannot be pickled"):
        pickler(io.BytesIO()).dump([L, Unpicklable(), w])
    back, back_w = pickle.loads(pickle.dumps([L, w]))
    assert back_w in order(back)


def test_a_pickler_that_is_kept_does_not_change_the_next(x: Node) -> None:
    """While its memo kept the first pickle's marks alive, the second recursed node by node."""
    end = x
    for _ in range(20_000):
        end = end + 1.0
    kept = pickle.Pickler(io.BytesIO())
    kept.dump(end)
    assert pickle.loads(pickle.dumps(end)).value == 20_002.0


def test_one_pickler_keeps_identity_between_its_dumps(x: Node, w: Node) -> None:
    L = w * x
    file = io.BytesIO()
    pickler = pickle.Pickler(file)
    pickler.dump(L)
    pickler.dump([w, L + 1])
    unpickler = pickle.Unpickler(io.BytesIO(file.getvalue()))
    back = unpickler.load()
    back_w, above = unpickler.load()
    assert back_w in order(back)
    assert above.args[0] is back


def test_threads_pickle_independently(x: Node, w: Node) -> None:
    L = w * x
    good = []

    def work() -> None:
        for _ in range(50):
            back, back_w = pickle.loads(pickle.dumps([L, w]))
            good.append(back_w in order(back))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert good == [True] * 200


# --- files ---------------------------------------------------------------------------------------------------------


def test_save_returns_the_path_and_load_reads_it(tmp_path: Path, x: Node) -> None:
    path = save(x * x, tmp_path / "graph.json")
    assert path == tmp_path / "graph.json"
    assert load(str(path)).value == 4.0


def test_a_saved_file_is_byte_stable(tmp_path: Path, golden: Any) -> None:
    x, w = Node(2.0, "x"), Node(0.1, "w")
    L = (w * x).named("z") ** 2
    L.backward()
    golden("store.json", save({"L": L, "w": w}, tmp_path / "graph.json").read_text(encoding="utf-8"))


def test_a_saved_file_is_strict_json(tmp_path: Path) -> None:
    path = save([Node(math.inf), Node(math.nan)], tmp_path / "graph.json")

    def refuse(literal: str) -> None:
        pytest.fail(f"{literal} is no JSON")

    assert json.loads(path.read_text(encoding="utf-8"), parse_constant=refuse)["version"] == 1


@pytest.mark.parametrize(
    ("root", "message"),
    [
        (3.0, r"save takes a Node, or a sequence or a dict of Nodes, not 3\.0"),
        ([1.0], r"root of a graph is a Node, not 1\.0"),
        ({"a": "b"}, r"root of a graph is a Node, not 'b'"),
        ({1: Node(1.0)}, r"the keys of a dict are str, not 1 \(a int\)"),
    ],
)
def test_what_is_no_graph_is_not_saved(tmp_path: Path, root: Any, message: str) -> None:
    with pytest.raises(GraphTypeError, match=message):
        save(root, tmp_path / "graph.json")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("fails", ["write", "replace"])
def test_a_failure_while_writing_leaves_the_old_file_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails: str
) -> None:
    path = tmp_path / "graph.json"
    write_file(path, "old")

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    class FullDisk(io.BytesIO):
        write = full

    if fails == "write":
        monkeypatch.setattr(os, "fdopen", lambda handle, _mode: os.close(handle) or FullDisk())
    else:
        monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="No space left"):
        write_file(path, "new")
    monkeypatch.undo()
    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_missing_folder_is_named_by_the_user_s_path(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        save(Node(1.0), tmp_path / "nowhere" / "graph.json")
    assert caught.value.filename == str(tmp_path / "nowhere" / "graph.json")


def test_a_written_file_has_the_usual_permissions(tmp_path: Path) -> None:
    (tmp_path / "plain").touch()
    assert write_file(tmp_path / "a", b"\x00").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_load_names_the_file_that_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "graph.json"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(StoreError, match=r"graph\.json: not UTF-8 text \(byte 0\)"):
        load(path)
    path.write_text("[]", encoding="utf-8")
    with pytest.raises(StoreError, match=r"graph\.json: no \"format\""):
        load(path)
    with pytest.raises(FileNotFoundError, match="nowhere"):
        load(tmp_path / "nowhere")


# --- bad and hostile files -----------------------------------------------------------------------------------------

GOOD = (
    '{"format": "compgraph", "version": 1, "outputs": 1, '
    '"nodes": [{"op": "input", "value": 2}, {"op": "exp", "args": [0]}]}'
)


def test_the_good_file_of_these_tests_loads() -> None:
    assert loads(GOOD).value == math.exp(2.0)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"compgraph"', '"other"', 'no "format": "compgraph"'),
        ('"version": 1', '"version": 2', "version 2; this compgraph reads version 1"),
        ('"version": 1', '"version": true', "version True"),
        ('"version": 1', '"version": "1"', "version '1'"),
        ('"version": 1, ', "", "version None"),
        ('"outputs": 1', '"outputs": 2', "outputs: the number of an entry is wanted, not 2"),
        ('"outputs": 1', '"outputs": -1', "outputs: .* not -1"),
        ('"outputs": 1', '"outputs": true', "outputs: .* not True"),
        ('"outputs": 1', '"outputs": [[0]]', r"outputs: .* not \[0\]"),
        ('"outputs": 1', '"outputs": {"L": "1"}', "outputs: .* not '1'"),
        ('"outputs": 1, ', "", "outputs: .* not None"),
        ('"nodes": [', '"nodes": [3, ', r"nodes\[0\]: an object is wanted, not 3"),
        ('"nodes": [', '"nodes": 3, "x": [', "nodes: a list is wanted"),
        ('"op": "exp"', '"op": "exq"', r"nodes\[1\]\.op: no op is named 'exq'; did you mean 'exp'"),
        ('"op": "exp"', '"op": "os.system"', r"nodes\[1\]\.op: no op is named 'os\.system'"),
        ('"op": "exp"', '"op": 3', r"nodes\[1\]\.op: the name of an op is wanted"),
        ('"op": "exp", ', "", r"nodes\[1\]\.op: the name of an op is wanted"),
        ('"args": [0]', '"args": []', r"nodes\[1\]\.args: a list of 1 is wanted, the arguments of exp"),
        ('"args": [0]', '"args": [0, 0]', r"nodes\[1\]\.args: a list of 1 is wanted"),
        ('"args": [0]', '"args": 0', r"nodes\[1\]\.args: a list of 1 is wanted"),
        ('"args": [0]', '"args": [1]', r"nodes\[1\]\.args\[0\]: the number of an earlier entry is wanted, not 1"),
        ('"args": [0]', '"args": [7]', r"nodes\[1\]\.args\[0\]: .* not 7"),
        ('"args": [0]', '"args": [-1]', r"nodes\[1\]\.args\[0\]: .* not -1"),
        ('"args": [0]', '"args": [0.0]', r"nodes\[1\]\.args\[0\]: .* not 0\.0"),
        ('"args": [0]', '"args": [false]', r"nodes\[1\]\.args\[0\]: .* not False"),
        ('"op": "input", ', '"op": "input", "args": [0], ', r"nodes\[0\]\.args: a list of 0 is wanted"),
        ('"value": 2', '"value": "2"', r"nodes\[0\]\.value: a number is wanted.*not '2'"),
        ('"value": 2', '"value": true', r"nodes\[0\]\.value: a number is wanted.*not True"),
        ('"value": 2', '"value": NaN', 'NaN is no JSON; write "nan"'),
        ('"value": 2', '"value": -Infinity', '-Infinity is no JSON; write "-inf"'),
        ('"value": 2', '"value": 1e999', r"nodes\[0\]\.value: beyond the range of floats"),
        ('"value": 2', f'"value": 1{"0" * 400}', r"nodes\[0\]\.value: beyond the range of floats"),
        ('"value": 2', f'"value": 1{"0" * 9000}', "digits"),
        ('"value": 2', '"value": 2, "grad": [1]', r"nodes\[0\]\.grad: a number is wanted"),
        ('"value": 2', '"name": ""', r"nodes\[0\]\.name: a non-empty text is wanted, not ''"),
        ('"value": 2', '"name": 3', r"nodes\[0\]\.name: a non-empty text is wanted, not 3"),
        ('"value": 2', '"code": "x"', r"nodes\[0\]\.code: no such field"),
        ('"op": "input", "value": 2', '"op": "constant"', r"nodes\[0\]\.value: a constant needs one"),
    ],
)
def test_a_wrong_entry_is_named(old: str, new: str, message: str) -> None:
    assert old in GOOD
    with pytest.raises(StoreError, match=message):
        loads(GOOD.replace(old, new, 1))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"not JSON \(line 1, column 1"), ("null", "no file that save"), ("3", "no file that save"),
        ('"compgraph"', "no file that save"), ("[]", "no file that save"), ("{}", "no file that save"),
        ("[" * 100_000, "nested too deeply"), ('{"a":' * 100_000, "nested too deeply"), ("\ufeff{}", "BOM"),
        ('{"format": "compgraph"}', "version None"),
    ],
)  # fmt: skip
def test_what_is_no_stored_graph_is_refused(text: str, message: str) -> None:
    with pytest.raises(StoreError, match=message):
        loads(text)


@pytest.mark.parametrize("length", range(0, len(GOOD), 7))
def test_a_truncated_file_is_refused(length: int) -> None:
    with pytest.raises(StoreError, match="not JSON"):
        loads(GOOD[:length])


FIELDS = st.sampled_from(["op", "args", "value", "name", "x"])
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(FIELDS, inner, max_size=4),
    max_leaves=8,
)


@given(ANY_JSON)
def test_any_json_for_an_entry_loads_or_is_a_store_error(entry: Any) -> None:
    data = {"format": "compgraph", "version": 1, "outputs": 0, "nodes": [entry]}
    try:
        assert isinstance(loads(json.dumps(data)), Node)
    except StoreError as error:
        assert "nodes[0]" in str(error) or "no JSON" in str(error)


def test_a_graph_without_values_is_saved_in_linear_time() -> None:
    node = Node(name="x")
    for _ in range(20_000):
        node = node * 1.5
    text = dumps(node)
    assert '"value"' not in text.splitlines()[1]
    assert loads(text).op is node.op


def test_a_gradient_from_before_a_change_is_not_saved() -> None:
    w = Node(2.0, "w")
    z = w * 3
    z.backward()
    w.value = 5.0
    assert (loads(dumps(z)).grad, pickle.loads(pickle.dumps(z)).grad) == (None, None)
    z.backward()
    assert (loads(dumps(z)).grad, pickle.loads(pickle.dumps(z)).grad) == (1.0, 1.0)


def test_a_deep_copy_still_says_that_a_gradient_is_old() -> None:
    w = Node(2.0, "w")
    z = (w * 3).named("z")
    z.backward()
    w.value = 5.0
    assert repr(copy.deepcopy(z)) == repr(copy.copy(z)) == "z = w·3 = 15, dz = 1 (from before w changed)"


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ('{"op": "input", "typed": 3}', r"nodes\[0\]\.typed: input is not computed from anything"),
        ('{"op": "input", "name": "\\ud800"}', r"nodes\[0\].*lone surrogate"),
    ],
)
def test_entries_that_say_what_cannot_be_are_refused(entry: str, message: str) -> None:
    with pytest.raises(StoreError, match=message):
        loads(f'{{"format": "compgraph", "version": 1, "outputs": 0, "nodes": [{entry}]}}')


def test_an_unknown_field_at_the_top_is_refused() -> None:
    with pytest.raises(StoreError, match="evil: no such field"):
        loads('{"format": "compgraph", "version": 1, "outputs": 0, "nodes": [], "evil": 1}')


@pytest.mark.slow
def test_a_million_nodes_are_copied_pickled_saved_and_replaced() -> None:
    x, w = Node(1.0, "x"), Node(1.0000001, "w")
    root = x
    for _ in range(500_000):
        root = root * w + x
    value = root.value
    assert copy.deepcopy(root).value == pickle.loads(pickle.dumps(root)).value == loads(dumps(root)).value == value
    other = cg.replace(root, {w: Node(1.0000001, "w")})
    assert same(root, other)
    assert other.value == value


def test_a_path_that_is_a_folder_is_named_as_the_user_wrote_it(x: Node, tmp_path: Path) -> None:
    with pytest.raises(OSError, match=str(tmp_path)) as caught:
        save(x, tmp_path)
    assert caught.value.filename == str(tmp_path)
    assert list(tmp_path.iterdir()) == []
