"""What ONNX Runtime does not take is a ModelError, and the workers keep the order."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto, helper

from limen.core.errors import ModelError
from limen.vision.runtime import OrtNetwork, Workers, core_count, lean_loading


def _model(*, inputs: int = 1, operator: str = "Add", domain: str = "") -> bytes:
    names = [f"in{i}" for i in range(inputs)]
    given = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", 2]) for name in names]
    out = helper.make_tensor_value_info("out", TensorProto.FLOAT, ["n", 2])
    node = helper.make_node(operator, [names[0], names[-1]], ["out"], domain=domain)
    opsets = [helper.make_opsetid("", 21), *([helper.make_opsetid(domain, 1)] if domain else [])]
    model = helper.make_model(helper.make_graph([node], "g", given, [out]), opset_imports=opsets, ir_version=10)
    return bytes(model.SerializeToString())


@pytest.mark.parametrize(
    "graph",
    [b"", b"not a model", _model(operator="NoSuchOperator"), _model(operator="Secret", domain="example.org")],
    ids=["empty", "text", "unknown operator", "unknown domain"],
)
def test_a_graph_the_runtime_refuses_is_a_model_error(graph: bytes) -> None:
    """The runtime's own exception becomes one line naming the model, with advice."""
    with pytest.raises(ModelError, match="tiny: ONNX Runtime cannot load this model") as caught:
        OrtNetwork(graph, name="tiny")
    assert "\n" not in str(caught.value)
    assert caught.value.advice()


def test_a_graph_with_several_inputs_is_refused() -> None:
    """A model that wants more than an image is not one for limen."""
    with pytest.raises(ModelError, match="tiny: expected one input, got 2"):
        OrtNetwork(_model(inputs=2), name="tiny")


def test_a_network_runs() -> None:
    """A graph that adds a number to itself doubles it."""
    (doubled,) = OrtNetwork(_model(), name="tiny").run(np.array([[1.0, -2.0]], np.float32))
    np.testing.assert_array_equal(np.array([[2.0, -4.0]], np.float32), doubled)


def test_a_network_does_not_keep_the_file() -> None:
    """The bytes of a model are nobody's once it is loaded; the runtime would hold them as long as the session."""
    graph = _model()
    before = sys.getrefcount(graph)
    network = OrtNetwork(graph, name="tiny")
    assert sys.getrefcount(graph) == before
    assert network.run(np.ones((1, 2), np.float32))[0].shape == (1, 2)


def test_a_network_from_a_file_is_the_one_from_its_bytes(tmp_path: Path) -> None:
    """A graph read from a file answers as the same graph from memory."""
    file = tmp_path / "tiny.onnx"
    file.write_bytes(_model())
    (doubled,) = OrtNetwork(file, name="tiny").run(np.array([[1.0, -2.0]], np.float32))
    np.testing.assert_array_equal(np.array([[2.0, -4.0]], np.float32), doubled)


def test_loading_leanly_twice_or_inside_itself_is_no_error() -> None:
    """Nothing is left behind that a second loading would mind, and an error inside comes out."""
    with lean_loading(), lean_loading():
        pass
    with pytest.raises(ValueError, match="inside"), lean_loading():
        raise ValueError("inside")


@pytest.mark.parametrize("count", [1, 2, 5])
@pytest.mark.parametrize("items", [[], [3], list(range(50))], ids=["none", "one", "many"])
def test_workers_keep_the_order(count: int, items: list[int]) -> None:
    """The n-th result belongs to the n-th item, however many threads there are."""
    assert Workers(count).map(lambda item: item * item, items) == [item * item for item in items]


def test_an_error_of_a_worker_reaches_the_caller() -> None:
    """An exception in a thread is not swallowed."""

    def fails(item: int) -> int:
        raise KeyError(item)

    with pytest.raises(KeyError):
        Workers(2).map(fails, [1, 2])


def test_there_is_at_least_one_core() -> None:
    """The count of cores is positive."""
    assert core_count() >= 1
