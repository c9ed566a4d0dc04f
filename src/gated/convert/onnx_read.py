"""Finds the recurrent layers of an ONNX model, and their weights wherever the model keeps them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from gated.cells import Nonlinearity
from gated.convert.blocks import Array, kind_of
from gated.convert.onnx import OnnxLayer
from gated.extras import extra

if TYPE_CHECKING:
    import onnx

#: The operators, and the activations that torch.nn has too.
ACTIVATIONS: Final = {
    "RNN": [["tanh"], ["relu"]],
    "GRU": [["sigmoid", "tanh"]],
    "LSTM": [["sigmoid", "tanh", "tanh"]],
}
#: ONNX's own operators; others' have a domain of their own.
STANDARD: Final = ("", "ai.onnx")
#: Where the inputs of a node are.
W, R, B, LENGTHS, INITIAL_H, INITIAL_C, P = range(1, 8)
#: Operators that only move numbers about, those of the first input (of all, for Concat).
MOVES: Final = (
    *("Cast", "Concat", "Expand", "Gather", "Identity", "Reshape"),
    *("Slice", "Split", "Squeeze", "Tile", "Transpose", "Unsqueeze"),
)


def onnx_layers(model: onnx.ModelProto) -> list[OnnxLayer]:
    """Return the weights of all RNN, GRU and LSTM nodes of a model, in the order of the graph.

    Nodes are found in the graphs inside If, Loop and Scan and in functions too. Weights may be
    computed, as long as it is from what is stored: by Constant, Cast, Transpose, DequantizeLinear
    and so on. Lengths (`sequence_lens`) and initial states that the model takes or computes are not
    among the weights: they go to gated's layers with each call, as a PackedSequence and as `hx`.

    Args:
        model: What `onnx.load(path)` returns.

    Raises:
        TypeError: anything but such a model.
        ValueError: no such node, weights that are not stored, lengths or an initial state that are,
            options that torch.nn lacks, quantized layers.

    Source: the operators `RNN`, `GRU` and `LSTM` of ONNX.
    """
    with extra("frameworks"):
        from onnx import ModelProto, inliner

    if not isinstance(model, ModelProto):
        raise TypeError(f"model must be an onnx.ModelProto, got {kind_of(model)}{_hint(model)}")
    if model.functions:
        model = inliner.inline_local_functions(model)
    layers = [_layer(node, graph) for node, graph in _walk(_Graph(model, model.graph))]
    if not layers:
        raise ValueError("the model has no RNN, GRU or LSTM node")
    return layers


def _hint(model: object) -> str:
    if isinstance(model, str | Path):
        return f": pass onnx.load({str(model)!r})"
    if isinstance(model, bytes):
        return ": pass onnx.load_from_string(...) of it"
    if hasattr(model, "model_proto"):
        return ": pass its model_proto"
    return ": pass onnx.load(path)"


class _NotStored(Exception):
    """The name of what a tensor depends on that is not stored in the model, and what it is."""


class _Graph:
    """The names of a graph, and of those around it."""

    def __init__(
        self, model: onnx.ModelProto, graph: onnx.GraphProto, outer: _Graph | None = None
    ) -> None:
        self.model, self.nodes, self.outer = model, graph.node, outer
        self._inputs = {one.name for one in graph.input}
        self._stored = {tensor.name: tensor for tensor in graph.initializer}
        self._sources = {name: node for node in graph.node for name in node.output if name}

    def value(self, name: str) -> Array:
        """Return a tensor that is stored, or computed from nothing but what is.

        Raises:
            _NotStored: any other tensor.
        """
        from onnx import TensorProto, numpy_helper
        from onnx.reference import ReferenceEvaluator

        home = self._home(name)
        if tensor := home._stored.get(name):
            if tensor.data_location == TensorProto.EXTERNAL:
                raise _NotStored(name, "in another file: load the model with onnx.load(path)")
            return numpy_helper.to_array(tensor)
        node = home._sources.get(name)
        if node is None:
            outside = name in home._inputs
            where = "the model" if home.outer is None else "a graph in a node"
            raise _NotStored(name, f"an input of {where}" if outside else "not stored in the model")
        if node.domain not in STANDARD or any(_graphs_in(node)):
            raise _NotStored(name, f"made by {node.op_type}, which may need the model's input")
        inputs = {each: home.value(each) for each in node.input if each}
        opsets = {one.domain: one.version for one in self.model.opset_import}
        outputs = cast(list[Array], ReferenceEvaluator(node, opsets=opsets).run(None, inputs))
        return outputs[list(node.output).index(name)]

    def moved(self, name: str) -> list[Array]:
        """Return the stored tensors that a tensor is made of, as far as nothing is computed."""
        from onnx import numpy_helper

        with suppress(_NotStored):
            return [self.value(name)]
        home = self._home(name)
        node = home._sources.get(name)
        if node is None:
            return []
        if node.op_type == "ConstantOfShape":
            return [numpy_helper.to_array(attribute.t) for attribute in node.attribute]
        count = {"Concat": len(node.input)}.get(node.op_type, int(node.op_type in MOVES))
        return [part for each in node.input[:count] for part in home.moved(each)]

    def _home(self, name: str) -> _Graph:
        """Return the innermost graph that has the name; where none has, the outermost."""
        here = name in self._inputs or name in self._stored or name in self._sources
        return self if here or self.outer is None else self.outer._home(name)


def _graphs_in(node: onnx.NodeProto) -> Iterator[onnx.GraphProto]:
    for attribute in node.attribute:
        if attribute.HasField("g"):
            yield attribute.g
        yield from attribute.graphs


def _walk(graph: _Graph) -> Iterator[tuple[onnx.NodeProto, _Graph]]:
    """Return the recurrent nodes, each with the graph that it is in.

    Raises:
        ValueError: a recurrent node that is not one of ONNX's own.
    """
    for node in graph.nodes:
        if node.domain in STANDARD:
            if node.op_type in ACTIVATIONS:
                yield node, graph
        elif node.op_type.endswith(tuple(ACTIVATIONS)):
            why = "has no equivalent in gated"
            if "Quantize" in node.op_type:
                why = "has weights of 8 bits: take the model as it was before quantization"
            raise ValueError(
                f"{node.name or node.op_type}: {node.op_type} of {node.domain} is not one of "
                f"ONNX's own operators, and {why}"
            )
        for inner in _graphs_in(node):
            yield from _walk(_Graph(graph.model, inner, graph))


def _layer(node: onnx.NodeProto, graph: _Graph) -> OnnxLayer:
    from onnx import helper

    owner = node.name or node.op_type
    options = {one.name: helper.get_attribute_value(one) for one in node.attribute}
    given = {place: name for place, name in enumerate(node.input) if name}
    activations = _activations(owner, node.op_type, options)
    _check_kept(owner, given, graph)
    weights: dict[int, Array] = {}
    for place in (W, R, B, P):
        if place not in given:
            continue
        try:
            weights[place] = graph.value(given[place])
        except _NotStored as missing:
            name, (needed, what) = given[place], missing.args
            source = "" if needed == name else f"computed from {needed!r}, which is "
            raise ValueError(f"{owner}: {name!r} is {source}{what}") from None
    return OnnxLayer(
        node.op_type.lower(),
        weights[W],
        weights[R],
        weights.get(B),
        bool(options.get("linear_before_reset", 0)) or node.op_type != "GRU",
        weights.get(P),
        cast(Nonlinearity, activations[0]) if node.op_type == "RNN" else "tanh",
        options.get("layout", 0),
    )


def _activations(owner: str, kind: str, options: dict[str, Any]) -> list[str]:
    """Return the activations of a node that does what torch.nn or gated can do.

    Raises:
        ValueError: a node that does something else.
    """
    allowed = ACTIVATIONS[kind]
    given = [one.decode().lower() for one in options.get("activations", [])] or allowed[0]
    if given not in (*allowed, *(2 * each for each in allowed)):
        names = " and ".join(sorted({name.capitalize() for each in allowed for name in each}))
        raise ValueError(f"{owner}: activations other than {names} have no equivalent")
    if options.get("direction", b"forward") == b"reverse":
        raise ValueError(f"{owner}: direction=reverse alone has no equivalent in torch.nn")
    for option in ("clip", "input_forget"):
        if options.get(option):
            raise ValueError(f"{owner}: {option} has no equivalent in torch.nn")
    return given


def _check_kept(owner: str, given: dict[int, str], graph: _Graph) -> None:
    """Raise ValueError for what a node keeps beside its weights, and a layer is told each time."""
    for place, what, told in (
        (LENGTHS, "lengths (sequence_lens)", "as a PackedSequence"),
        (INITIAL_H, "initial state (initial_h) that is not zero", "as hx"),
        (INITIAL_C, "initial state (initial_c) that is not zero", "as hx"),
    ):
        kept = graph.moved(given[place]) if place in given else []
        if any(part.any() for part in kept):
            raise ValueError(
                f"{owner}: the model stores {what}, which layers of gated take with each call, "
                f'{told}: set node.input[{place}] = "" to read the weights without'
            )
