"""A checkpoint is read whole while another kernel replaces it, and what is damaged is named."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
import torch

from course_lib.training.checkpoints import (
    CheckpointError,
    read_checkpoint,
    read_numbers,
    write_checkpoint,
)


def test_whoever_reads_sees_one_writing(tmp_path: Path) -> None:
    path, over = tmp_path / "run.safetensors", threading.Event()

    def write(size: int) -> None:
        write_checkpoint(path, {"w": torch.full((size,), float(size))}, {"size": size})

    def another_kernel() -> None:
        while not over.is_set():
            write(3)
            write(3000)

    write(3)
    writer = threading.Thread(target=another_kernel)
    writer.start()
    try:
        for _ in range(400):
            seen = read_checkpoint(path)
            assert seen.tensors["w"].shape == (seen.numbers["size"],)
            assert (seen.tensors["w"] == seen.numbers["size"]).all()
            assert read_numbers(path)["size"] in (3, 3000)
    finally:
        over.set()
        writer.join()


@pytest.mark.parametrize(
    "data",
    [b"", b"\x05", b"\xff" * 8 + b"{}", (9).to_bytes(8, "little") + b'{"a": 1', b"\xff" * 40],
    ids=["empty", "cut in its length", "a length beyond reason", "cut in its header", "noise"],
)
def test_damaged_files_are_named(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "run.safetensors"
    path.write_bytes(data)
    for read in (read_checkpoint, read_numbers):
        with pytest.raises(CheckpointError, match=r"run\.safetensors cannot be read .* Delete it"):
            read(path)


def test_what_is_read_can_be_trained_on(tmp_path: Path) -> None:
    path = tmp_path / "run.safetensors"
    write_checkpoint(path, {"half": torch.ones(2, 3, dtype=torch.bfloat16)}, {})
    half = read_checkpoint(path).tensors["half"]
    half += 1
    assert half.dtype == torch.bfloat16
    assert (half == 2).all()
    assert (read_checkpoint(path).tensors["half"] == 1).all()
