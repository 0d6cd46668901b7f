"""The corpus: programs whose tapes must be worth looking at, written as a beginner writes PyTorch.

`SMALL` are twelve that lessons of day 1 show, `REAL` five of real size. Each runs and returns its tape.
"""

from collections.abc import Callable
from math import sqrt
from typing import Any

import kindling as torch
import kindling.nn as nn
import kindling.nn.functional as F
from kindling import tape

Tree = Any  # a word's number, or a pair of trees


def line_fit() -> tape.Tape:
    """A line through one point: the first gradient."""
    w = torch.tensor(2.0, requires_grad=True)
    b = torch.tensor(1.0, requires_grad=True)
    x, target = torch.tensor(3.0), torch.tensor(10.0)
    with tape.record() as t:
        y = w * x + b
        loss = (y - target) ** 2
        loss.backward()
    return t


def branch() -> tape.Tape:
    """An `if` leaves no trace but the side that was taken."""
    x = torch.tensor(-2.0, requires_grad=True)
    with tape.record() as t:
        y = x * 3
        z = y**2 if y > 0 else y.exp()
        z.backward()
    return t


def loop() -> tape.Tape:
    """The same line three times makes three nodes."""
    x = torch.tensor(1.1, requires_grad=True)
    with tape.record() as t:
        y = x
        for _ in range(3):
            y = y * y
        y.backward()
    return t


def diamond() -> tape.Tape:
    """Two ways from x to the loss: their gradients add."""
    x = torch.tensor(2.0, requires_grad=True)
    with tape.record() as t:
        a = x * 3
        left = a.exp()
        right = a**2
        loss = left + right
        loss.backward()
    return t


def reused_weight() -> tape.Tape:
    """One weight at every step of a loop, as in a recurrent network."""
    w = torch.tensor([[0.5, -0.2], [0.1, 0.3]], requires_grad=True)
    h = torch.tensor([1.0, 2.0])
    with tape.record() as t:
        for _ in range(4):
            h = torch.tanh(w @ h)
        loss = h.sum()
        loss.backward()
    return t


def in_place() -> tape.Tape:
    """Results written over older ones: the memory is the same, the nodes are not."""
    x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
    with tape.record() as t:
        y = x * 2
        y.add_(1)
        y *= x
        y[0] = 5.0
        y.sum().backward()
    return t


def view() -> tape.Tape:
    """Writing through a view changes the tensor it looks at."""
    x = torch.arange(6.0, requires_grad=True)
    with tape.record() as t:
        table = (x * 2).reshape(2, 3)
        row = table[0]
        row.mul_(10)
        loss = table.sum()
        loss.backward()
    return t


def no_grad() -> tape.Tape:
    """Two steps of gradient descent; the update itself is not recorded."""
    w = torch.tensor(2.0, requires_grad=True)
    x = torch.tensor(3.0)
    with tape.record() as t:
        for _ in range(2):
            loss = (w * x - 1) ** 2
            loss.backward()
            with torch.no_grad():
                w -= 0.01 * w.grad
            w.grad = None
    return t


def two_layer_net() -> tape.Tape:
    """Two matrices and a bend between them."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 1))
    x, target = torch.randn(5, 3), torch.randn(5, 1)
    with tape.record() as t:
        loss = F.mse_loss(model(x), target)
        loss.backward()
    return t


def broadcast_add() -> tape.Tape:
    """A row added to every row: its gradient is summed back to its shape."""
    table = torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], requires_grad=True)
    row = torch.tensor([10.0, 20.0, 30.0], requires_grad=True)
    with tape.record() as t:
        total = table + row
        loss = (total * total).mean()
        loss.backward()
    return t


def fan_out_sum() -> tape.Tape:
    """One tensor read by five operators: five gradients come back and add up."""
    x = torch.tensor(0.5, requires_grad=True)
    with tape.record() as t:
        terms = [x.sin(), x.cos(), x.exp(), x * x, x.tanh()]
        loss = torch.stack(terms).sum()
        loss.backward()
    return t


class Clamp(torch.autograd.Function):
    """Cuts numbers off at ±1, and lets every gradient through."""

    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        return x.clamp(-1, 1)

    @staticmethod
    def backward(ctx: Any, grad: Any) -> Any:
        return grad


def custom_function() -> tape.Tape:
    """A rule of the student's own."""
    x = torch.tensor([-3.0, 0.5, 2.0], requires_grad=True)
    with tape.record() as t:
        y = Clamp.apply(x * 2)
        loss = (y * x).sum()
        loss.backward()
    return t


class DigitsNet(nn.Module):
    """64 pixels, two hidden layers, ten digits."""

    def __init__(self) -> None:
        super().__init__()
        self.fc1 = nn.Linear(64, 64)
        self.fc2 = nn.Linear(64, 32)
        self.fc3 = nn.Linear(32, 10)

    def forward(self, x: Any) -> Any:
        x = torch.relu(self.fc1(x))
        x = torch.relu(self.fc2(x))
        return self.fc3(x)


def digits_mlp() -> tape.Tape:
    """One step of training on pictures of digits."""
    torch.manual_seed(0)
    model = DigitsNet()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    images, labels = torch.rand(32, 64), torch.randint(0, 10, (32,))
    with tape.record() as t:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(images), labels)
        loss.backward()
        optimizer.step()
    return t


class LeNet(nn.Module):
    """LeCun's network for 28 x 28 pixels."""

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 6, 5, padding=2),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(6, 16, 5),
            nn.ReLU(),
            nn.MaxPool2d(2),
        )
        self.classifier = nn.Sequential(
            nn.Flatten(), nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10)
        )

    def forward(self, x: Any) -> Any:
        return self.classifier(self.features(x))


def lenet() -> tape.Tape:
    """One step of training of a convolutional network."""
    torch.manual_seed(0)
    model = LeNet()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    images, labels = torch.rand(8, 1, 28, 28), torch.randint(0, 10, (8,))
    with tape.record() as t:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(images), labels)
        loss.backward()
        optimizer.step()
    return t


class LayerNorm(nn.Module):
    """Every row to mean 0 and deviation 1, then scaled and moved as learnt."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))
        self.bias = nn.Parameter(torch.zeros(size))

    def forward(self, x: Any) -> Any:
        centred = x - x.mean(-1, keepdim=True)
        variance = (centred * centred).mean(-1, keepdim=True)
        return centred * (variance + 1e-5).rsqrt() * self.weight + self.bias


class CausalSelfAttention(nn.Module):
    """Every word looks at those before it, in several ways at once."""

    def __init__(self, size: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.query, self.key, self.value = (nn.Linear(size, size) for _ in range(3))
        self.out = nn.Linear(size, size)

    def split(self, x: Any) -> Any:
        batch, words, size = x.shape
        return x.reshape(batch, words, self.heads, size // self.heads).transpose(1, 2)

    def forward(self, x: Any) -> Any:
        q, k, v = self.split(self.query(x)), self.split(self.key(x)), self.split(self.value(x))
        later = torch.arange(x.shape[1]).reshape(-1, 1) < torch.arange(x.shape[1])
        scores = q @ k.transpose(-2, -1) / sqrt(q.shape[-1])
        weights = torch.softmax(scores.masked_fill(later, -1e9), dim=-1)
        return self.out((weights @ v).transpose(1, 2).reshape(x.shape))


class Block(nn.Module):
    """Attention, then two layers for every word, each beside a way past it."""

    def __init__(self, size: int, heads: int) -> None:
        super().__init__()
        self.ln1, self.attention = LayerNorm(size), CausalSelfAttention(size, heads)
        self.ln2 = LayerNorm(size)
        self.mlp = nn.Sequential(nn.Linear(size, 4 * size), nn.GELU(), nn.Linear(4 * size, size))

    def forward(self, x: Any) -> Any:
        x = x + self.attention(self.ln1(x))
        return x + self.mlp(self.ln2(x))


class GPT(nn.Module):
    """Predicts the next word from all words before it."""

    def __init__(self, vocabulary: int = 20, words: int = 6, size: int = 8, heads: int = 2, layers: int = 4) -> None:
        super().__init__()
        self.tokens, self.positions = nn.Embedding(vocabulary, size), nn.Embedding(words, size)
        self.blocks = nn.ModuleList([Block(size, heads) for _ in range(layers)])
        self.norm, self.head = LayerNorm(size), nn.Linear(size, vocabulary)

    def forward(self, ids: Any) -> Any:
        x = self.tokens(ids) + self.positions(torch.arange(ids.shape[1]))
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x))


def gpt() -> tape.Tape:
    """One step of training of a small transformer with four layers."""
    torch.manual_seed(0)
    model = GPT()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    ids = torch.randint(0, 20, (2, 7))
    with tape.record() as t:
        optimizer.zero_grad()
        logits = model(ids[:, :-1])
        loss = F.cross_entropy(logits.reshape(-1, 20), ids[:, 1:].reshape(-1))
        loss.backward()
        optimizer.step()
    return t


def lstm() -> tape.Tape:
    """A recurrent network over twelve steps."""
    torch.manual_seed(0)
    cell, head = nn.LSTMCell(3, 4), nn.Linear(4, 1)
    x, target = torch.randn(12, 2, 3), torch.randn(2, 1)
    with tape.record() as t:
        h = c = torch.zeros(2, 4)
        for step in range(12):
            h, c = cell(x[step], (h, c))
        loss = F.mse_loss(head(h), target)
        loss.backward()
    return t


class TreeNet(nn.Module):
    """Reads a sentence by its brackets: two parts become one, up to the root."""

    def __init__(self, words: int = 16, size: int = 4) -> None:
        super().__init__()
        self.embedding = nn.Embedding(words, size)
        self.join = nn.Linear(2 * size, size)
        self.score = nn.Linear(size, 1)

    def meaning(self, tree: Tree) -> Any:
        if isinstance(tree, int):
            return self.embedding(torch.tensor(tree))
        left, right = tree
        return torch.tanh(self.join(torch.cat([self.meaning(left), self.meaning(right)])))

    def forward(self, tree: Tree) -> Any:
        return self.score(self.meaning(tree))


def tree() -> tape.Tape:
    """A recursive network on a tree of depth four: sixteen words, fifteen joins."""
    torch.manual_seed(0)
    words: list[Tree] = list(range(16))
    while len(words) > 1:
        words = list(zip(words[::2], words[1::2], strict=True))
    model = TreeNet()
    with tape.record() as t:
        loss = (model(words[0]) - 1.0).square().sum()
        loss.backward()
    return t


Program = Callable[[], tape.Tape]
SMALL: dict[str, Program] = {
    f.__name__: f
    for f in (
        line_fit, branch, loop, diamond, reused_weight, in_place, view, no_grad, two_layer_net, broadcast_add,
        fan_out_sum, custom_function,
    )
}  # fmt: skip
REAL: dict[str, Program] = {f.__name__: f for f in (digits_mlp, lenet, gpt, lstm, tree)}
ALL = SMALL | REAL
