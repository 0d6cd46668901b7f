"""Convolution, pooling, normalisation, recurrent cells and attention: PyTorch's numbers, texts and sentences."""

from typing import Any

import numpy as np
import pytest

import kindling


def image(t: Any, *shape: int) -> Any:
    return t.tensor(np.random.default_rng(0).standard_normal(shape).astype("float32"), requires_grad=True)


# name: a module, the shapes of its inputs (a tuple of them is given as one tuple)
LAYERS = {
    "conv1d": (lambda nn: nn.Conv1d(2, 3, 3, padding=1), [(2, 2, 7)]),
    "conv1d unbatched, same, even": (lambda nn: nn.Conv1d(2, 3, 4, padding="same"), [(2, 7)]),
    "conv2d": (lambda nn: nn.Conv2d(2, 4, (3, 2), stride=2, padding=(1, 0), dilation=(1, 2), groups=2), [(2, 2, 7, 6)]),
    "conv2d same, even": (lambda nn: nn.Conv2d(2, 4, (2, 3), padding="same", dilation=(3, 2)), [(1, 2, 6, 6)]),
    "conv2d valid": (lambda nn: nn.Conv2d(2, 4, 3, padding="valid", bias=False), [(2, 5, 6)]),
    "conv3d": (lambda nn: nn.Conv3d(1, 2, 2, stride=(1, 2, 1)), [(1, 1, 3, 4, 3)]),
    "max_pool1d": (lambda nn: nn.MaxPool1d(3, 2, 1, ceil_mode=True), [(2, 2, 8)]),
    "max_pool2d": (lambda nn: nn.MaxPool2d((2, 3)), [(2, 2, 5, 7)]),
    "max_pool2d dilated": (lambda nn: nn.MaxPool2d(2, stride=1, dilation=2), [(2, 6, 6)]),
    "max_pool3d": (lambda nn: nn.MaxPool3d(2), [(1, 1, 4, 4, 4)]),
    "layer_norm": (lambda nn: nn.LayerNorm(5), [(2, 3, 5)]),
    "layer_norm over two": (lambda nn: nn.LayerNorm((3, 5), eps=1e-2, bias=False), [(2, 3, 5)]),
    "layer_norm plain": (lambda nn: nn.LayerNorm(5, elementwise_affine=False), [(2, 5)]),
    "rnn": (lambda nn: nn.RNNCell(2, 3), [(4, 2), (4, 3)]),
    "rnn relu, no state": (lambda nn: nn.RNNCell(2, 3, nonlinearity="relu", bias=False), [(4, 2)]),
    "rnn unbatched": (lambda nn: nn.RNNCell(2, 3), [(2,), (3,)]),
    "lstm": (lambda nn: nn.LSTMCell(2, 3), [(4, 2), ((4, 3), (4, 3))]),
    "lstm no state": (lambda nn: nn.LSTMCell(2, 3), [(2,)]),
    "gru": (lambda nn: nn.GRUCell(2, 3), [(4, 2), (4, 3)]),
    "gru no state": (lambda nn: nn.GRUCell(2, 3, bias=False), [(4, 2)]),
}


def run(lib: Any, name: str) -> dict[str, Any]:
    """Text, results and every gradient of one layer."""
    lib.manual_seed(0)
    make, shapes = LAYERS[name]
    layer = make(lib.nn)
    inputs = [
        tuple(image(lib, *s) for s in shape) if isinstance(shape[0], tuple) else image(lib, *shape) for shape in shapes
    ]
    out = layer(*inputs)
    outs = out if isinstance(out, tuple) else (out,)
    sum((o * o).sum() + o.sum() for o in outs).backward()
    flat = [x for given in inputs for x in (given if isinstance(given, tuple) else (given,))]
    arrays = {f"out {i}": o.detach().numpy() for i, o in enumerate(outs)}
    arrays |= {f"grad {i}": x.grad.numpy() for i, x in enumerate(flat)}
    arrays |= {f"grad of {n}": p.grad.numpy() for n, p in layer.named_parameters()}
    return {"text": repr(layer), **arrays}


@pytest.mark.oracle
@pytest.mark.parametrize("name", LAYERS)
def test_layer_as_in_pytorch(name):
    ours, theirs = run(kindling, name), run(pytest.importorskip("torch"), name)
    assert ours.pop("text") == theirs.pop("text")
    assert ours.keys() == theirs.keys()
    for key, array in theirs.items():
        np.testing.assert_allclose(ours[key], array, rtol=1e-4, atol=1e-5, err_msg=key)


@pytest.mark.parametrize("name", LAYERS)
def test_layer_has_the_gradient_of_its_values(name):
    make, shapes = LAYERS[name]
    layer = make(kindling.nn).double()
    flat = [s for shape in shapes for s in (shape if isinstance(shape[0], tuple) else (shape,))]
    inputs = [image(kindling, *shape).detach().double().requires_grad_() for shape in flat]

    def function(*given):
        if len(given) == 3:
            return layer(given[0], given[1:])
        return layer(*given)

    assert kindling.autograd.gradcheck(function, inputs)


def attention(t: Any, **options: Any) -> Any:
    query, key, value = image(t, 2, 3, 4), image(t, 2, 5, 4), image(t, 2, 5, 2)
    return t.nn.functional.scaled_dot_product_attention(query, key, value, **options)


ATTENTION = {
    "plain": lambda t: attention(t),
    "causal": lambda t: attention(t, is_causal=True),
    "scale": lambda t: attention(t, scale=0.1),
    "blind row": lambda t: attention(
        t, attn_mask=t.tensor([[True] * 5, [False] * 5, [True, False, True, False, True]])
    ),
    "added": lambda t: attention(t, attn_mask=t.tensor([[0.0, -1.0, 2.0, -float("inf"), 0.0]])),
}


@pytest.mark.oracle
@pytest.mark.parametrize("name", ATTENTION)
def test_attention_as_in_pytorch(name):
    ours, theirs = ATTENTION[name](kindling), ATTENTION[name](pytest.importorskip("torch"))
    np.testing.assert_allclose(ours.detach().numpy(), theirs.detach().numpy(), rtol=1e-5, atol=1e-6)


def test_attention_with_dropout_needs_no_more_than_a_seed():
    kindling.manual_seed(3)
    one = attention(kindling, dropout_p=0.5)
    kindling.manual_seed(3)
    assert one.tolist() == attention(kindling, dropout_p=0.5).tolist()
    assert one.tolist() != attention(kindling).tolist()


def conv(t: Any, sizes: tuple, weight: tuple = (1, 1, 2, 2), **options: Any) -> Any:
    return t.nn.functional.conv2d(t.ones(sizes), t.ones(weight), **options)


def pool(t: Any, sizes: tuple, *settings: Any, **options: Any) -> Any:
    return t.nn.functional.max_pool2d(t.ones(sizes), *settings, **options)


MISTAKES = {
    "flat image": (
        lambda t: conv(t, (3, 3)),
        "Expected 3D (unbatched) or 4D (batched) input to conv2d, but got input of size: [3, 3]",
    ),
    "channels": (
        lambda t: conv(t, (1, 2, 3, 3)),
        "Given groups=1, weight of size [1, 1, 2, 2], expected input[1, 2, 3, 3] to have 1 channels, but got 2 "
        "channels instead",
    ),
    "kernel too large": (
        lambda t: conv(t, (1, 1, 1, 1)),
        "Calculated padded input size per channel: (1 x 1). Kernel size: (2 x 2). Kernel size can't be greater than "
        "actual input size",
    ),
    "same, strided": (
        lambda t: conv(t, (1, 1, 3, 3), padding="same", stride=2),
        "padding='same' is not supported for strided convolutions",
    ),
    "padding word": (lambda t: conv(t, (1, 1, 3, 3), padding="foo"), "Invalid padding string: 'foo'"),
    "stride 0": (lambda t: conv(t, (1, 1, 3, 3), stride=0), "non-positive stride is not supported"),
    "stride of three": (
        lambda t: conv(t, (1, 1, 3, 3), stride=(1, 2, 3)),
        "expected stride to be a single integer value or a list of 2 values to match the convolution dimensions, but "
        "got stride=[1, 2, 3]",
    ),
    "padding below 0": (lambda t: conv(t, (1, 1, 3, 3), padding=-1), "negative padding is not supported"),
    "dilation 0": (lambda t: conv(t, (1, 1, 3, 3), dilation=0), "dilation should be greater than zero, but got [0, 0]"),
    "groups 0": (lambda t: conv(t, (1, 1, 3, 3), groups=0), "non-positive groups is not supported"),
    "groups that do not fit": (
        lambda t: conv(t, (1, 4, 3, 3), (3, 2, 2, 2), groups=2),
        "Given groups=2, expected weight to be divisible by 2 at dimension 0, but got weight of size "
        "[[3, 2, 2, 2]] instead",
    ),
    "bias": (
        lambda t: conv(t, (1, 1, 3, 3), bias=t.ones(2)),
        "Given weight of size [1, 1, 2, 2], expected bias to be 1-dimensional with 1 elements, but got bias of size "
        "[2] instead",
    ),
    "types": (
        lambda t: t.nn.functional.conv2d(t.ones(1, 1, 3, 3).double(), t.ones(1, 1, 2, 2)),
        "expected scalar type Double but found Float",
    ),
    "layer's groups": (lambda t: t.nn.Conv2d(3, 4, 2, groups=2), "in_channels must be divisible by groups"),
    "layer's filters": (lambda t: t.nn.Conv2d(4, 3, 2, groups=2), "out_channels must be divisible by groups"),
    "layer's no groups": (lambda t: t.nn.Conv2d(4, 3, 2, groups=0), "groups must be a positive integer"),
    "layer's same": (
        lambda t: t.nn.Conv2d(4, 3, 2, padding="same", stride=2),
        "padding='same' is not supported for strided convolutions",
    ),
    "pool's padding": (
        lambda t: pool(t, (1, 1, 4, 4), 2, padding=2),
        "pad should be at most half of effective kernel size, but got pad=2, kernel_size=2 and dilation=1",
    ),
    "pool's flat image": (lambda t: pool(t, (4, 4), 2), "non-empty 3D or 4D (batch mode) tensor expected for input"),
    "pool's stride": (lambda t: pool(t, (1, 1, 4, 4), 2, stride=0), "stride should not be zero"),
    "pool of three": (
        lambda t: pool(t, (1, 1, 4, 4), (2, 2, 2)),
        "max_pool2d: kernel_size must either be a single int, or a tuple of two ints",
    ),
    "pool too large": (
        lambda t: pool(t, (1, 1, 1, 1), 2),
        "Given input size: (1x1x1). Calculated output size: (1x0x0). Output size is too small",
    ),
    "norm's shape": (
        lambda t: t.nn.functional.layer_norm(t.ones(4, 4), (3,)),
        "Given normalized_shape=[3], expected input with shape [*, 3], but got input of size[4, 4]",
    ),
    "norm's weight": (
        lambda t: t.nn.functional.layer_norm(t.ones(4, 4), (4,), t.ones(3)),
        "Expected weight to be of same shape as normalized_shape, but got weight of shape [3] and "
        "normalized_shape = [4]",
    ),
    "norm of nothing": (
        lambda t: t.nn.functional.layer_norm(t.ones(4, 4), ()),
        "Expected normalized_shape to be at least 1-dimensional, i.e., containing at least one element, but got "
        "normalized_shape = []",
    ),
    "norm of integers": (
        lambda t: t.nn.functional.layer_norm(t.ones(4, 4).long(), (4,)),
        "\"LayerNormKernelImpl\" not implemented for 'Long'",
    ),
    "cell's input": (
        lambda t: t.nn.LSTMCell(2, 3)(t.ones(1, 3)),
        "input has inconsistent input_size: got 3 expected 2",
    ),
    "cell's batch": (
        lambda t: t.nn.LSTMCell(2, 3)(t.ones(1, 2), (t.ones(2, 3), t.ones(2, 3))),
        "Input batch size 1 doesn't match hidden0 batch size 2",
    ),
    "cell's state": (
        lambda t: t.nn.GRUCell(2, 3)(t.ones(1, 2), t.ones(1, 4)),
        "hidden0 has inconsistent hidden_size: got 4, expected 3",
    ),
    "cell's sequence": (
        lambda t: t.nn.RNNCell(2, 3)(t.ones(1, 1, 2)),
        "RNNCell: Expected input to be 1D or 2D, got 3D instead",
    ),
    "cell without memory": (
        lambda t: t.nn.LSTMCell(2, 3)(t.ones(1, 2), t.ones(1, 3)),
        "lstm_cell(): argument 'hx' (position 2) must be tuple of Tensors, not Tensor",
    ),
    "cell's bend": (lambda t: t.nn.RNNCell(2, 3, nonlinearity="x")(t.ones(1, 2)), "Unknown nonlinearity: x"),
    "two masks": (
        lambda t: attention(t, is_causal=True, attn_mask=t.ones(3, 5).bool()),
        "_scaled_dot_product_attention: Explicit attn_mask should not be set when is_causal=True",
    ),
}


@pytest.mark.parametrize(
    ("program", "named"),
    [
        (lambda: kindling.nn.Conv2d(1, 1, 2, padding_mode="reflect"), "padding_mode='reflect'"),
        (lambda: attention(kindling, enable_gqa=True), "enable_gqa"),
    ],
)
def test_what_is_missing_is_named(program, named):
    with pytest.raises(NotImplementedError, match=named):
        program()
