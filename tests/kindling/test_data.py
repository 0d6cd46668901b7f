"""Data sets, samplers and loaders: each program gives in PyTorch what it gives here, random orders included."""

import importlib
from collections import OrderedDict, namedtuple
from typing import Any

import numpy as np
import pytest

import kindling

Pair = namedtuple("Pair", "x y")


def data_of(lib: Any) -> Any:
    return importlib.import_module(f"{lib.__name__}.utils.data")


def plain(x: Any) -> Any:
    """Tensors as their type and values, whatever holds them."""
    if hasattr(x, "tolist"):
        return str(x.dtype), x.tolist()
    if isinstance(x, dict):
        return type(x).__name__, {k: plain(v) for k, v in x.items()}
    if isinstance(x, (list, tuple)):
        return type(x).__name__, [plain(v) for v in x]
    return x


def batches(loader: Any) -> list:
    return [batch.tolist() for batch in loader]


def squares(t: Any, n: int) -> Any:
    class Squares(data_of(t).Dataset):
        def __len__(self):
            return n

        def __getitem__(self, i):
            return i * i

    return Squares()


def stream(t: Any, n: int) -> Any:
    class Stream(data_of(t).IterableDataset):
        def __iter__(self):
            return iter(range(n))

    return Stream()


# ---- programs --------------------------------------------------------------------------------------------------------


def in_order(t):
    data, D = squares(t, 5), data_of(t)
    return [batches(D.DataLoader(data, batch_size=2, drop_last=d)) for d in (False, True)]


def lengths(t):
    data, D = squares(t, 7), data_of(t)
    return [
        len(D.DataLoader(data, batch_size=3)),
        len(D.DataLoader(data, batch_size=3, drop_last=True)),
        len(D.DataLoader(data, batch_size=None)),
        len(D.DataLoader(data, batch_sampler=[[0, 1], [2]])),
    ]


def without_batches(t):
    D = data_of(t)
    loader = D.DataLoader(D.TensorDataset(t.arange(3)), batch_size=None)
    return [plain(x) for x in loader]


def own_sampler_and_batches(t):
    D, data = data_of(t), squares(t, 5)
    return batches(D.DataLoader(data, 2, sampler=[4, 2, 0])), batches(D.DataLoader(data, batch_sampler=[[3, 1], [0]]))


def own_collate(t):
    return list(data_of(t).DataLoader(squares(t, 5), batch_size=2, collate_fn=sum))


def iterable(t):
    D = data_of(t)
    return [
        batches(D.DataLoader(stream(t, 5), batch_size=2)),
        batches(D.DataLoader(stream(t, 5), batch_size=2, drop_last=True)),
        list(D.DataLoader(stream(t, 2), batch_size=None)),
    ]


def collated(t):
    collate = data_of(t).default_collate
    one = {"x": t.tensor([1.0]), "n": 3, "f": 0.5, "s": "ab", "l": [1, (2, t.tensor(3))], "b": True}
    return [
        plain(collate([one, one])),
        plain(collate([Pair(1, 2.0), Pair(3, 4.0)])),
        plain(collate([np.float32(1.5), np.float32(2.5)])),
        plain(collate([np.zeros(2, np.int16), np.ones(2, np.int16)])),
        plain(collate([(t.tensor(1), "a"), (t.tensor(2), "b")])),
        plain(collate([[], []])),
        plain(collate([OrderedDict(a=1), OrderedDict(a=2)])),
    ]


def concatenated(t):
    D = data_of(t)
    both = D.TensorDataset(t.arange(3)) + D.TensorDataset(t.arange(10, 12))
    return len(both), [both[i][0].item() for i in (0, 2, 3, 4, -1, -5)], both.cumulative_sizes


def subset(t):
    D = data_of(t)
    part = D.Subset(squares(t, 10), [2, 5, 7])
    return len(part), part[1], list(D.DataLoader(part, batch_size=None))


def tensor_rows(t):
    D = data_of(t)
    data = D.TensorDataset(t.arange(6).reshape(3, 2), t.tensor([0.0, 1.0, 2.0]))
    return len(data), plain(data[1]), plain(next(iter(D.DataLoader(data, batch_size=2))))


def read_only_length(t):
    loader = data_of(t).DataLoader(squares(t, 3))
    return loader.batch_size, loader.drop_last, loader.num_workers, len(loader.dataset), type(loader.sampler).__name__


def stacked_keeps_history(t):
    x = t.ones(2, requires_grad=True)
    batch = data_of(t).default_collate([x * 1, x * 2])
    batch.sum().backward()
    return x.grad.tolist()


PROGRAMS = {
    in_order: [[[0, 1], [4, 9], [16]], [[0, 1], [4, 9]]],
    lengths: [3, 2, 7, 2],
    without_batches: [("list", [("torch.int64", i)]) for i in range(3)],
    own_sampler_and_batches: ([[16, 4], [0]], [[9, 1], [0]]),
    own_collate: [1, 13, 16],
    iterable: [[[0, 1], [2, 3], [4]], [[0, 1], [2, 3]], [0, 1]],
    collated: [
        (
            "dict",
            {
                "x": ("torch.float32", [[1.0], [1.0]]),
                "n": ("torch.int64", [3, 3]),
                "f": ("torch.float64", [0.5, 0.5]),
                "s": ("list", ["ab", "ab"]),
                "l": ("list", [("torch.int64", [1, 1]), ("list", [("torch.int64", [2, 2]), ("torch.int64", [3, 3])])]),
                "b": ("torch.bool", [True, True]),
            },
        ),
        ("Pair", [("torch.int64", [1, 3]), ("torch.float64", [2.0, 4.0])]),
        ("torch.float32", [1.5, 2.5]),
        ("torch.int16", [[0, 0], [1, 1]]),
        ("list", [("torch.int64", [1, 2]), ("tuple", ["a", "b"])]),
        ("list", []),
        ("OrderedDict", {"a": ("torch.int64", [1, 2])}),
    ],
    concatenated: (5, [0, 2, 10, 11, 11, 0], [3, 5]),
    subset: (3, 25, [4, 25, 49]),
    tensor_rows: (
        3,
        ("tuple", [("torch.int64", [2, 3]), ("torch.float32", 1.0)]),
        ("list", [("torch.int64", [[0, 1], [2, 3]]), ("torch.float32", [0.0, 1.0])]),
    ),
    read_only_length: (1, False, 0, 3, "SequentialSampler"),
    stacked_keeps_history: [3, 3],
}


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda f: f.__name__)
def test_program(program):
    assert program(kindling) == PROGRAMS[program]


@pytest.mark.oracle
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda f: f.__name__)
def test_program_as_in_pytorch(program):
    assert program(pytest.importorskip("torch")) == PROGRAMS[program]


# ---- random orders: the same as PyTorch's for a seed -----------------------------------------------------------------


def shuffled(t, n):
    """Two epochs, and what the global stream gives after them."""
    t.manual_seed(n)
    loader = data_of(t).DataLoader(squares(t, n), batch_size=3, shuffle=True)
    return [batches(loader), batches(loader), t.rand(2).tolist()]


def shuffled_by_a_generator(t, n):
    t.manual_seed(5)
    generator = t.Generator().manual_seed(n)
    loader = data_of(t).DataLoader(squares(t, n), batch_size=4, shuffle=True, drop_last=True, generator=generator)
    return [batches(loader), batches(loader), t.rand(2).tolist(), t.rand(2, generator=generator).tolist()]


def unshuffled_stream(t, n):
    """Going through a loader draws from the stream even without shuffling."""
    t.manual_seed(n)
    batches(data_of(t).DataLoader(squares(t, n)))
    batches(data_of(t).DataLoader(stream(t, n)))
    return t.rand(3).tolist()


def interrupted(t, n):
    t.manual_seed(n)
    loader = data_of(t).DataLoader(squares(t, n), batch_size=2, shuffle=True)
    first = next(iter(loader)).tolist()
    drawn = t.rand(1).tolist()
    return first, drawn, batches(loader)


def samplers(t, n):
    D = data_of(t)
    t.manual_seed(n)
    return [
        list(D.RandomSampler(range(n))),
        list(D.RandomSampler(range(n), num_samples=2 * n + 1)),
        list(D.RandomSampler(range(n), replacement=True, num_samples=70)),
        list(D.SubsetRandomSampler([10 * i for i in range(n)])),
        list(D.SequentialSampler(range(n))),
        list(D.BatchSampler(D.RandomSampler(range(n)), 3, False)),
    ]


def split(t, n):
    D = data_of(t)
    t.manual_seed(n)
    parts = D.random_split(range(n), [n - 2, 2])
    more = D.random_split(range(n), [0.5, 0.3, 0.2], generator=t.Generator().manual_seed(3))
    return [list(p.indices) for p in (*parts, *more)], t.rand(1).tolist()


RANDOM = [shuffled, shuffled_by_a_generator, unshuffled_stream, interrupted, samplers, split]


@pytest.mark.parametrize("program", RANDOM, ids=lambda f: f.__name__)
def test_a_seed_repeats(program):
    assert program(kindling, 7) == program(kindling, 7)


@pytest.mark.oracle
@pytest.mark.parametrize("n", [3, 7, 20, 101])
@pytest.mark.parametrize("program", RANDOM, ids=lambda f: f.__name__)
def test_orders_as_in_pytorch(program, n):
    assert program(kindling, n) == program(pytest.importorskip("torch"), n)


KNOWN = [[[0, 4, 3], [5, 2, 1]], [[2, 3, 1], [5, 4, 0]]]


def test_a_known_order():
    """PyTorch's, written down."""
    kindling.manual_seed(0)
    first, second = (batches(data_of(kindling).DataLoader(range(6), batch_size=3, shuffle=True)) for _ in range(2))
    assert first == KNOWN[0] and second == KNOWN[1]


@pytest.mark.oracle
def test_the_known_order_is_pytorchs():
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    assert [batches(data_of(torch).DataLoader(range(6), batch_size=3, shuffle=True)) for _ in range(2)] == KNOWN


def test_every_example_once():
    kindling.manual_seed(0)
    loader = data_of(kindling).DataLoader(range(1000), batch_size=7, shuffle=True)
    for _ in range(3):
        seen = [i for batch in loader for i in batch.tolist()]
        assert sorted(seen) == list(range(1000)) and seen != sorted(seen)


def test_items_in_one_go():
    class Many(data_of(kindling).Dataset):
        def __len__(self):
            return 4

        def __getitems__(self, numbers):
            return [10 * i for i in numbers]

    assert batches(data_of(kindling).DataLoader(Many(), batch_size=3)) == [[0, 10, 20], [30]]


def test_a_list_is_a_data_set():
    loader = data_of(kindling).DataLoader([(kindling.ones(2), 1), (kindling.zeros(2), 0)], batch_size=2)
    x, y = next(iter(loader))
    assert x.tolist() == [[1, 1], [0, 0]] and y.tolist() == [1, 0]


# ---- mistakes: PyTorch's first sentence ------------------------------------------------------------------------------


def loader(t: Any, data: Any = range(3), **options: Any) -> Any:
    return data_of(t).DataLoader(data, **options)


MISTAKES = {
    "no examples": (
        lambda t: loader(t, [], shuffle=True),
        "num_samples should be a positive integer value, but got num_samples=0",
    ),
    "batch of none": (
        lambda t: loader(t, batch_size=0),
        "batch_size should be a positive integer value, but got batch_size=0",
    ),
    "batch of a float": (
        lambda t: loader(t, batch_size=2.5),
        "batch_size should be a positive integer value, but got batch_size=2.5",
    ),
    "sampler and shuffle": (
        lambda t: loader(t, sampler=[0], shuffle=True),
        "sampler option is mutually exclusive with shuffle",
    ),
    "batches twice": (
        lambda t: loader(t, batch_sampler=[[0]], batch_size=2),
        "batch_sampler option is mutually exclusive with batch_size, shuffle, sampler, and drop_last",
    ),
    "nothing to drop": (
        lambda t: loader(t, batch_size=None, drop_last=True),
        "batch_size=None option disables auto-batching and is mutually exclusive with drop_last",
    ),
    "shuffled stream": (
        lambda t: loader(t, stream(t, 3), shuffle=True),
        "DataLoader with IterableDataset: expected unspecified shuffle option, but got shuffle=True",
    ),
    "sampled stream": (
        lambda t: loader(t, stream(t, 3), sampler=[1]),
        "DataLoader with IterableDataset: expected unspecified sampler option, but got sampler=[1]",
    ),
    "batched stream": (
        lambda t: loader(t, stream(t, 3), batch_sampler=[[1]]),
        "DataLoader with IterableDataset: expected unspecified batch_sampler option, but got batch_sampler=[[1]]",
    ),
    "length of a stream": (
        lambda t: len(loader(t, stream(t, 3))),
        "object of type 'Stream' has no len()",
    ),
    "negative workers": (
        lambda t: loader(t, num_workers=-1),
        "num_workers option should be non-negative; use num_workers=0 to disable multiprocessing.",
    ),
    "negative timeout": (lambda t: loader(t, timeout=-1), "timeout option should be non-negative"),
    "prefetching without workers": (
        lambda t: loader(t, prefetch_factor=2),
        "prefetch_factor option could only be specified in multiprocessing.let num_workers > 0 to enable "
        "multiprocessing, otherwise set prefetch_factor to None.",
    ),
    "persistent nobody": (
        lambda t: loader(t, persistent_workers=True),
        "persistent_workers option needs num_workers > 0",
    ),
    "no batch of these": (
        lambda t: data_of(t).default_collate([object]),
        "default_collate: batch must contain tensors, numpy arrays, numbers, dicts or lists; found <class 'type'>",
    ),
    "no batch of None": (
        lambda t: data_of(t).default_collate([None, None]),
        "default_collate: batch must contain tensors, numpy arrays, numbers, dicts or lists; found <class 'NoneType'>",
    ),
    "unequal lists": (
        lambda t: data_of(t).default_collate([[1, 2], [1]]),
        "each element in list of batch should be of equal size",
    ),
    "unequal tensors": (
        lambda t: data_of(t).default_collate([t.zeros(2), t.zeros(3)]),
        "stack expects each tensor to be equal size, but got [2] at entry 0 and [3] at entry 1",
    ),
    "tensors of other lengths": (
        lambda t: data_of(t).TensorDataset(t.zeros(2), t.zeros(3)),
        "Size mismatch between tensors",
    ),
    "nothing concatenated": (
        lambda t: data_of(t).ConcatDataset([]),
        "datasets should not be an empty iterable",
    ),
    "a concatenated stream": (
        lambda t: data_of(t).ConcatDataset([stream(t, 1)]),
        "ConcatDataset does not support IterableDataset",
    ),
    "behind the end": (
        lambda t: data_of(t).ConcatDataset([[1], [2]])[-3],
        "absolute value of index should not exceed dataset length",
    ),
    "lengths that do not add up": (
        lambda t: data_of(t).random_split(range(5), [1, 2]),
        "Sum of input lengths does not equal the length of the input dataset!",
    ),
    "a fraction below zero": (
        lambda t: data_of(t).random_split(range(5), [1.5, -0.5]),
        "Fraction at index 0 is not between 0 and 1",
    ),
    "replacement": (
        lambda t: data_of(t).RandomSampler(range(3), replacement=1),
        "replacement should be a boolean value, but got replacement=1",
    ),
    "no sample": (
        lambda t: data_of(t).RandomSampler(range(3), num_samples=0),
        "num_samples should be a positive integer value, but got num_samples=0",
    ),
    "drop_last": (
        lambda t: data_of(t).BatchSampler(range(3), 2, drop_last=1),
        "drop_last should be a boolean value, but got drop_last=1",
    ),
    "no __getitem__": (
        lambda t: data_of(t).Dataset()[0],
        "Subclasses of Dataset should implement __getitem__.",
    ),
}


def test_workers_are_refused_by_name():
    with pytest.raises(NotImplementedError, match="num_workers=2 is not supported; use num_workers=0"):
        loader(kindling, num_workers=2)
