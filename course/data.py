"""Small real data sets for the lessons. They come with the course; nothing is fetched."""

from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent


def digits() -> tuple[np.ndarray, np.ndarray]:
    """1,797 handwritten digits: images (1797, 8, 8) as float32 from 0 to 1, and what they show, (1797,) as int64."""
    with np.load(folder() / "digits.npz", allow_pickle=False) as stored:
        return stored["images"].astype(np.float32) / 16, stored["labels"].astype(np.int64)


def folder() -> Path:
    """Where the data lie: inside an installed course, or in the repository it is used from."""
    installed = HERE / "assets" / "data"
    return installed if installed.is_dir() else HERE.parent / "assets" / "data"
