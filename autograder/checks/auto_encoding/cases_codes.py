"""Cases for codes: principal components, the weights of an encoder and a decoder, and neighbours among codes."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import torch
from torch import Tensor

from autograder.checking.cases import Case, Draw, cases_for
from autograder.checks.auto_encoding.exact_numbers import share_of_majorities


@cases_for("pca_codes")
def pca_codes(draw: Draw) -> Iterator[Case]:
    """Data whose principal directions and variances are known, because it is made of them."""

    def case(name: str, n: int, d: int, k: int, size: float = 1.0, far: float = 2.0) -> Case:
        rank = min(n - 1, d)
        columns = draw.normal(n, rank).double()
        scores = torch.linalg.qr(columns - columns.mean(0)).Q  # orthonormal columns of mean 0
        directions = torch.linalg.qr(draw.normal(d, rank).double()).Q.T
        spread = size * 4 * 0.7 ** torch.arange(rank, dtype=torch.float64)
        spread = spread * draw.uniform(0.95, 1.05, rank)
        mean = size * far * draw.normal(d).double()
        X = (scores * spread) @ directions + mean
        truth = {"directions": directions, "spread": spread, "mean": mean}
        inputs = {"X": X.float(), "k": k}
        return Case("pca_codes", name, inputs, truth=truth, compare=False)

    yield case("twelve points in space", 12, 3, 2)
    yield case("more numbers than rows", 7, 11, 3)
    yield case("every component", 20, 6, 6)
    yield case("one component", 10, 5, 1)
    yield case("as many components as rows", 4, 7, 4)
    yield case("far from zero", 16, 5, 3, far=25.0)
    yield case("tiny numbers", 16, 5, 3, size=1e-3)


@cases_for("auto_encoder")
def auto_encoder(draw: Draw) -> Iterator[Case]:
    """Sizes, weights, images and codes, for an encoder and a decoder: sides that halve evenly, and sides that do not.

    Every parameter has a shape of its own, so that a check can tell which is which.
    """
    for name, channels, size, code_length, width, batch in [
        ("even sides", 2, 16, 5, 3, (4,)),
        ("odd sides", 3, 13, 7, 2, (2,)),
        ("digits", 1, 28, 6, 4, (2,)),
        ("a single image", 3, 9, 10, 2, ()),
        ("a batch of batches", 1, 11, 5, 3, (2, 3)),
    ]:
        side = -(-size // 8)
        inside = 4 * width * side**2
        truth = {
            "arguments": [channels, size, code_length, width],
            "encoder": _convolutions(draw, [channels, width, 2 * width, 4 * width])
            | _linear(draw, "linear", inside, code_length),
            "decoder": _linear(draw, "linear", code_length, inside)
            | _convolutions(draw, [4 * width, 2 * width, width, channels]),
        }
        inputs = {
            "images": draw.uniform(0, 1, *batch, size, size, channels),
            "codes": 2 * draw.normal(*batch, code_length),
        }
        yield Case("auto_encoder", name, inputs, truth=truth, compare=False)


def _linear(draw: Draw, name: str, inputs: int, outputs: int) -> dict[str, Tensor]:
    return {
        f"{name}.weight": draw.normal(outputs, inputs) * (2 / inputs) ** 0.5,
        f"{name}.bias": 0.3 * draw.normal(outputs),
    }


def _convolutions(draw: Draw, channels: list[int]) -> dict[str, Tensor]:
    """Three 3×3 convolutions with weights that keep the spread of what goes through."""
    made = {}
    for step, (a, b) in enumerate(pairwise(channels)):
        made[f"convolution {step}.weight"] = draw.normal(b, a, 3, 3) * (2 / (9 * a)) ** 0.5
        made[f"convolution {step}.bias"] = 0.3 * draw.normal(b)
    return made


@cases_for("neighbour_accuracy")
def neighbour_accuracy(draw: Draw) -> Iterator[Case]:
    """Codes of which no two are equally far from a third, with labels that mean nothing: every neighbour matters."""

    def case(name: str, codes: Tensor, labels: Tensor, k: int) -> Case:
        inputs = {"codes": codes, "labels": labels, "k": k}
        return Case("neighbour_accuracy", name, inputs, compare=False)

    def some(n: int, d: int, classes: int, k: int) -> tuple[Tensor, Tensor, int]:
        codes = draw.normal(n, d)
        while not _clear(codes, k):
            codes = draw.normal(n, d)
        return codes + 3, draw.permutation(n) % classes, k

    plain = some(9, 2, 2, 3)
    while share_of_majorities(*plain) in (0, 1):  # what a guess might hit
        plain = some(9, 2, 2, 3)
    yield case("nine codes, two labels", *plain)
    yield case("the nearest one", *some(24, 3, 2, 1))
    yield case("five of forty", *some(40, 4, 2, 5))
    yield case("votes that tie", *some(40, 2, 4, 4))
    yield case("clusters of three", *_clusters(draw), 2)
    codes, labels, k = some(30, 5, 2, 7)
    yield case("labels with gaps", codes, torch.tensor([40, 3])[labels], k)
    codes, labels, k = some(12, 3, 3, 11)
    labels[:5] = 1
    yield case("everybody votes", codes, labels, k)
    codes, labels, k = some(8, 3, 8, 1)
    yield case("twins that disagree", codes.repeat(2, 1), torch.cat([labels, labels + 8]), k)
    yield case("two codes", *some(2, 3, 2, 1))
    yield case("twins that agree", codes.repeat(2, 1), labels.repeat(2), k)


def _clusters(draw: Draw) -> tuple[Tensor, Tensor]:
    """Codes `15 2` in threes, 1 and 1.2 apart, labelled so that every rule for ties has a share of its own."""
    low, high = draw.integer(0, 4), draw.integer(5, 9)
    labels = torch.tensor([[low, high, low]] * 3 + [[high, low, high]] * 2).flatten()
    along = torch.nn.functional.normalize(draw.normal(5, 1, 2), dim=-1)
    centers = 10 * torch.arange(5.0)[:, None, None] + draw.normal(5, 1, 2)
    codes = centers + along * torch.tensor([0.0, 1.0, -1.2])[:, None]
    order = draw.permutation(15)
    return codes.reshape(15, 2)[order], labels[order]


def _clear(codes: Tensor, k: int) -> bool:
    """Whether rounding cannot change who the k nearest are."""
    distances = torch.stack([(codes - code).double().norm(dim=1) for code in codes])
    nearest = distances.sort().values  # the first is the code itself
    gaps = nearest[:, k + 1 :] - nearest[:, k : k + 1]
    return bool((gaps > 2e-3).all())
