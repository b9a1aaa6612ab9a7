"""Block-quantised ONNX in, plain float32 ONNX out.

The pinned weights are stored block-quantised (DequantizeLinear with block_size, opset 21). ONNX Runtime runs one of
them slowly that way and refuses the other. Here every node whose inputs are all constants is computed once, the
initialisers leave the list of graph inputs, batch and image size become symbolic, and PRelu loses its branch (a quarter
of the embedding's time on real pictures). Values are those the quantised
file stands for, bit for bit: ``(q - zero_point) * scale`` in float32. Source: ONNX operator DequantizeLinear-21.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper

__all__ = ["fold", "fold_bytes"]

_FOLDABLE = ("Constant", "DequantizeLinear", "Reshape")


def fold(model: onnx.ModelProto, *, symbolic_size: bool) -> onnx.ModelProto:
    """Return the float32 form of a block-quantised model.

    Args:
        model: a checked ONNX model with one real input of shape (1, C, H, W).
        symbolic_size: make H and W of the input symbolic too (a fully convolutional detector).

    Returns:
        A new model: float32 constants, one input, first dimension symbolic.

    Raises:
        onnx.checker.ValidationError: the result is no valid model.
    """
    graph = model.graph
    constants = {item.name: numpy_helper.to_array(item) for item in graph.initializer}
    nodes = [node for node in graph.node if not _fold_node(node, constants)]
    nodes = [written for node in nodes for written in _without_branches(node, constants)]
    used = {name for node in nodes for name in node.input}
    (image,) = (item for item in graph.input if item.name in used and item.name not in constants)
    _make_symbolic(image, symbolic_size=symbolic_size)
    outputs = [_with_free_shape(item) for item in graph.output]
    folded = onnx.helper.make_graph(
        nodes,
        graph.name,
        [image],
        outputs,
        [numpy_helper.from_array(value, name) for name, value in constants.items() if name in used],
    )
    result = onnx.helper.make_model(folded, opset_imports=model.opset_import, ir_version=model.ir_version)
    onnx.checker.check_model(result)
    return result


def fold_bytes(source: bytes, *, symbolic_size: bool) -> bytes:
    """``fold`` from file content to file content."""
    folded: bytes = fold(onnx.load_model_from_string(source), symbolic_size=symbolic_size).SerializeToString()
    return folded


def _fold_node(node: onnx.NodeProto, constants: dict[str, NDArray[Any]]) -> bool:
    """Compute ``node`` into ``constants`` if all its inputs are there; say whether it was."""
    if node.op_type not in _FOLDABLE or any(name not in constants for name in node.input):
        return False
    attributes = {item.name: onnx.helper.get_attribute_value(item) for item in node.attribute}
    inputs = [constants[name] for name in node.input]
    if node.op_type == "Constant":
        value = numpy_helper.to_array(attributes["value"])
    elif node.op_type == "Reshape":
        value = inputs[0].reshape(inputs[1])
    else:
        value = _dequantise(*inputs, axis=attributes["axis"], block_size=attributes["block_size"])
    constants[node.output[0]] = value
    return True


def _without_branches(node: onnx.NodeProto, constants: dict[str, NDArray[Any]]) -> list[onnx.NodeProto]:
    """PRelu, which ONNX Runtime computes with a branch for every value, as Mul and Max: the same numbers, bit for bit.

    With a slope of at most one, x below zero gives slope * x >= x, and x above zero gives slope * x <= x. Larger slopes
    take max(x, 0) + slope * min(x, 0).
    """
    if node.op_type != "PRelu" or node.input[1] not in constants:
        return [node]
    (x, slope), (result,) = node.input, node.output
    scaled = f"{result}_scaled"
    if float(constants[slope].max()) <= 1.0:
        return [
            onnx.helper.make_node("Mul", [x, slope], [scaled]),
            onnx.helper.make_node("Max", [x, scaled], [result]),
        ]
    above, below = f"{result}_above", f"{result}_below"
    return [
        onnx.helper.make_node("Relu", [x], [above]),
        onnx.helper.make_node("Sub", [x, above], [below]),
        onnx.helper.make_node("Mul", [below, slope], [scaled]),
        onnx.helper.make_node("Add", [above, scaled], [result]),
    ]


def _dequantise(
    quantised: NDArray[Any], scale: NDArray[Any], zero_point: NDArray[Any], *, axis: int, block_size: int
) -> NDArray[np.float32]:
    length = quantised.shape[axis]

    def spread(per_block: NDArray[Any]) -> NDArray[Any]:
        return np.repeat(per_block, block_size, axis=axis).take(range(length), axis=axis)

    shifted = quantised.astype(np.int32) - spread(zero_point).astype(np.int32)
    result: NDArray[np.float32] = (shifted.astype(np.float32) * spread(scale)).astype(np.float32)
    return result


def _make_symbolic(image: onnx.ValueInfoProto, *, symbolic_size: bool) -> None:
    dimensions = image.type.tensor_type.shape.dim
    dimensions[0].dim_param = "batch"
    if symbolic_size:
        dimensions[2].dim_param = "height"
        dimensions[3].dim_param = "width"


def _with_free_shape(output: onnx.ValueInfoProto) -> onnx.ValueInfoProto:
    rank = len(output.type.tensor_type.shape.dim)
    names = [f"{output.name}_{i}" for i in range(rank)]
    return onnx.helper.make_tensor_value_info(output.name, onnx.TensorProto.FLOAT, names)
