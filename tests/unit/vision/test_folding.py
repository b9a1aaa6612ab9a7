"""Folding turns a block-quantised graph into plain float32 and changes nothing of what it computes."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

from limen.vision.folding import fold
from limen.vision.runtime import OrtNetwork

_CHANNELS_IN, _CHANNELS_OUT, _BLOCK = 6, 4, 4
_IMAGE_PX = 8


def _weights(*, seed: int, zero: int) -> list[onnx.TensorProto]:
    """Quantised 1x1 kernels (4, 6): blocks of four along the inputs, so the second block is cut short."""
    rng = np.random.default_rng(seed)
    quantised = rng.integers(-128, 128, (_CHANNELS_OUT, _CHANNELS_IN), dtype=np.int8)
    scale = rng.uniform(0.001, 0.1, (_CHANNELS_OUT, 2)).astype(np.float32)
    zero_point = np.full((_CHANNELS_OUT, 2), zero, dtype=np.int8)
    named: dict[str, NDArray[Any]] = {
        "q": quantised,
        "s": scale,
        "z": zero_point,
        "kernel": np.array([4, 6, 1, 1], np.int64),
    }
    return [numpy_helper.from_array(value, name) for name, value in named.items()]


def _quantised_model(*, seed: int = 1, zero: int = 3, initialisers_are_inputs: bool = False) -> onnx.ModelProto:
    """Convolution with block-quantised, reshaped weights, scaled by a Constant node."""
    tensors = _weights(seed=seed, zero=zero)
    image = helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, _CHANNELS_IN, _IMAGE_PX, _IMAGE_PX])
    out = helper.make_tensor_value_info("out", TensorProto.FLOAT, [1, _CHANNELS_OUT, _IMAGE_PX, _IMAGE_PX])
    extra = (
        [helper.make_tensor_value_info(item.name, item.data_type, item.dims) for item in tensors]
        if initialisers_are_inputs
        else []
    )
    nodes = [
        helper.make_node("DequantizeLinear", ["q", "s", "z"], ["w"], axis=1, block_size=_BLOCK),
        helper.make_node("Reshape", ["w", "kernel"], ["w4"]),
        helper.make_node("Conv", ["image", "w4"], ["convolved"]),
        helper.make_node("Constant", [], ["half"], value=numpy_helper.from_array(np.array(0.5, np.float32), "half")),
        helper.make_node("Mul", ["convolved", "half"], ["out"]),
    ]
    graph = helper.make_graph(nodes, "tiny", [image, *extra], [out], tensors)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)


def _padded(model: onnx.ModelProto) -> onnx.ModelProto:
    """The same model with whole blocks, for the reference evaluator, which knows no short last block."""
    constants = {item.name: numpy_helper.to_array(item) for item in model.graph.initializer}
    scale = np.repeat(constants["s"], _BLOCK, axis=1)[:, :_CHANNELS_IN]
    zero = np.repeat(constants["z"], _BLOCK, axis=1)[:, :_CHANNELS_IN]
    result = onnx.ModelProto()
    result.CopyFrom(model)
    del result.graph.initializer[:]
    constants |= {"s": scale, "z": zero}
    result.graph.initializer.extend(numpy_helper.from_array(value, name) for name, value in constants.items())
    result.graph.node[0].attribute[1].i = 1
    return result


def _image(batch: int = 1, size: int = _IMAGE_PX) -> NDArray[np.float32]:
    return np.random.default_rng(9).normal(0, 50, (batch, _CHANNELS_IN, size, size)).astype(np.float32)


def _reference_answer(model: onnx.ModelProto) -> NDArray[np.float32]:
    (answer,) = ReferenceEvaluator(model).run(None, {"image": _image()})
    assert isinstance(answer, np.ndarray)
    return answer


def _initialisers(model: onnx.ModelProto) -> dict[str, NDArray[Any]]:
    return {item.name: numpy_helper.to_array(item) for item in model.graph.initializer}


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("zero", [0, 3, -128, 127])
def test_constants_are_what_the_quantised_file_stands_for(seed: int, zero: int) -> None:
    """The folded weights equal (q - zero) * scale of their block in float32, bit for bit."""
    model = _quantised_model(seed=seed, zero=zero)
    given = _initialisers(model)
    expected = np.zeros((_CHANNELS_OUT, _CHANNELS_IN, 1, 1), np.float32)
    for row in range(_CHANNELS_OUT):
        for column in range(_CHANNELS_IN):
            block = column // _BLOCK
            whole = np.float32(int(given["q"][row, column]) - int(given["z"][row, block]))
            expected[row, column, 0, 0] = whole * given["s"][row, block]
    np.testing.assert_array_equal(expected, _initialisers(fold(model, symbolic_size=False))["w4"])


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_folded_graph_computes_the_same(seed: int) -> None:
    """ONNX's reference evaluator gives the same for the quantised and the folded graph, to float32 rounding."""
    model = _quantised_model(seed=seed)
    expected = _reference_answer(_padded(model))
    np.testing.assert_allclose(_reference_answer(fold(model, symbolic_size=False)), expected, rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize("initialisers_are_inputs", [False, True])
def test_only_the_image_is_left_as_input(*, initialisers_are_inputs: bool) -> None:
    """Initialisers leave the graph inputs, and neither quantised tensors nor constant nodes remain."""
    folded = fold(_quantised_model(initialisers_are_inputs=initialisers_are_inputs), symbolic_size=False)
    assert [item.name for item in folded.graph.input] == ["image"]
    assert [node.op_type for node in folded.graph.node] == ["Conv", "Mul"]
    assert set(_initialisers(folded)) == {"w4", "half"}


def test_runtime_takes_any_batch_and_size() -> None:
    """Batch and, if asked for, height and width are free: ONNX Runtime runs what the original refused."""
    network = OrtNetwork(fold(_quantised_model(), symbolic_size=True).SerializeToString(), name="tiny")
    one_by_one = [network.run(image[None])[0] for image in _image(3, size=16)]
    (together,) = network.run(_image(3, size=16))
    np.testing.assert_allclose(together, np.concatenate(one_by_one), rtol=1e-6, atol=1e-5)


def test_the_size_stays_fixed_unless_asked() -> None:
    """Without symbolic size only the batch is free."""
    (image,) = fold(_quantised_model(), symbolic_size=False).graph.input
    dimensions = image.type.tensor_type.shape.dim
    assert (dimensions[0].dim_param, dimensions[2].dim_value) == ("batch", _IMAGE_PX)


def test_the_model_given_is_not_spoilt_for_the_weights() -> None:
    """Folding leaves the quantised initialisers of the given model as they were."""
    model = _quantised_model()
    before = _initialisers(model)
    fold(model, symbolic_size=False)
    for name, value in before.items():
        np.testing.assert_array_equal(value, _initialisers(model)[name])


@pytest.mark.parametrize("largest", [0.25, 1.0, 1.75], ids=["small slopes", "slope one", "a slope above one"])
def test_prelu_without_its_branch_is_the_same(largest: float) -> None:
    """PRelu written as other nodes gives the same numbers, for negative slopes and slopes above one too."""
    slopes = np.array([[[-0.8]], [[0.0]], [[largest]]], dtype=np.float32)
    image = helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 3, 4, 4])
    out = helper.make_tensor_value_info("out", TensorProto.FLOAT, [1, 3, 4, 4])
    graph = helper.make_graph(
        [helper.make_node("PRelu", ["image", "slopes"], ["out"])],
        "prelu",
        [image],
        [out],
        [numpy_helper.from_array(slopes, "slopes")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
    folded = fold(model, symbolic_size=False)
    assert all(node.op_type != "PRelu" for node in folded.graph.node)
    pixels = np.random.default_rng(3).standard_normal((1, 3, 4, 4)).astype(np.float32)
    (expected,) = ReferenceEvaluator(model).run(None, {"image": pixels})
    (found,) = ReferenceEvaluator(folded).run(None, {"image": pixels})
    np.testing.assert_array_equal(found, expected)
