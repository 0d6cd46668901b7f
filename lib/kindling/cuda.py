"""GPUs: whether there is one, and the few words that programs say to it."""

from . import backend, random


def is_available() -> bool:
    """Whether tensors can lie on a GPU here.

    >>> torch.cuda.is_available()
    False
    """
    return backend.library_of_device("cuda") is not None


def device_count() -> int:
    """How many GPUs there are.

    >>> torch.cuda.device_count()
    0
    """
    return 1 if is_available() else 0


def manual_seed(seed: int) -> None:
    """Start the stream of random numbers anew; there is one for all devices."""
    if is_available():
        random.manual_seed(seed)


manual_seed_all = manual_seed


def synchronize(device: object = None) -> None:
    """Wait until the GPU has done all it was asked to."""
    found = backend.library_of_device("cuda")
    if found is not None and hasattr(found.library, "cuda"):
        found.library.cuda.Device().synchronize()


def empty_cache() -> None:
    """Give unused GPU memory back."""
    found = backend.library_of_device("cuda")
    if found is not None and hasattr(found.library, "get_default_memory_pool"):
        found.library.get_default_memory_pool().free_all_blocks()
