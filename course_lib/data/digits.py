"""Ten thousand handwritten digits of MNIST (LeCun, Bottou, Bengio and Haffner 1998)."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Integral

from course_lib.data.manifest import load_manifest
from course_lib.data.pictures import load_levels
from course_lib.shapes import Float, Int, Tensor

SIDE = 28  # pixels of a digit, which lie row by row on a square sheet


@dataclass(frozen=True, eq=False, repr=False)
class Digits:
    """Handwritten digits, bright ink on black, in random order: any stretch of them is a fair sample."""

    images: Float[Tensor, "n 28 28 1"]  # [0, 1]
    labels: Int[Tensor, " n"]  # 0…9
    attribution: str  # whose pictures they are and under which licence; show it with them

    def __len__(self) -> int:
        """How many digits there are."""
        return len(self.labels)

    def __repr__(self) -> str:
        return f"Digits({len(self)} images of 28×28; {self.attribution})"

    def split(self, train: int) -> tuple[Digits, Digits]:
        """The first `train` digits and the others; both parts share memory with the whole.

        Raises ValueError if a part would be empty.
        """
        most = len(self) - 1
        if not _within(train, most):
            raise ValueError(
                f"train must be a whole number in 1…{most}, so that both parts of these {len(self)} digits have "
                f"some; got {train!r}"
            )
        return (
            Digits(self.images[:train], self.labels[:train], self.attribution),
            Digits(self.images[train:], self.labels[train:], self.attribution),
        )


def load_digits(count: int | None = None) -> Digits:
    """The first `count` digits, by default all 10,000 (31 MB); float32 on the CPU.

    Raises ValueError if there are not so many, AssetError if their file is missing or damaged.
    """
    labels = load_levels("digits_labels").flatten()
    available = len(labels)
    wanted = available if count is None else count
    if not _within(wanted, available):
        raise ValueError(
            f"count must be a whole number in 1…{available}, the digits there are, or be left out; got {count!r}"
        )
    asset = load_manifest()["digits"]
    return Digits(
        images=_cut(load_levels("digits"))[:wanted].float() / 255,
        labels=labels[:wanted],
        attribution=f"{asset.attribution}, {asset.licence}",
    )


def _within(value: object, most: int) -> bool:
    return isinstance(value, Integral) and 1 <= int(value) <= most


def _cut(sheet: Int[Tensor, "h w"]) -> Int[Tensor, "n 28 28 1"]:
    """The digits on a sheet, row by row."""
    height, width = sheet.shape
    rows = sheet.reshape(height // SIDE, SIDE, width // SIDE, SIDE).transpose(1, 2)
    return rows.reshape(-1, SIDE, SIDE, 1)
