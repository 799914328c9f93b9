"""A network for each object, as plain loops over objects and points, in float64.

Written apart from the answers on purpose: an oracle that shares code with the solution shares its mistakes.
All of it is differentiable.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

import torch
from torch import Tensor

Layers = Sequence[tuple[Tensor, Tensor]]  # W `b out in` and b `b out` of every layer


def networks(layers: Layers, x: Tensor) -> Tensor:
    """`b n out` from points `b n in`: the layers of object i on each of its points, normalised and bent in between."""
    rows = [
        torch.stack([_network([(W[i], b[i]) for W, b in layers], point) for point in x[i].double()])
        for i in range(len(x))
    ]
    return torch.stack(rows)


def _network(layers: Layers, features: Tensor) -> Tensor:
    for number, (W, b) in enumerate(layers):
        if number > 0:
            centred = features - features.sum() / len(features)
            variance = centred.square().sum() / len(features)
            features = (centred / (variance + 1e-5) ** 0.5).clamp_min(0)
        features = W.double() @ features + b.double()
    return features


def written_networks(
    parameters: Mapping[str, Tensor], sizes: Sequence[int], z: Tensor
) -> list[Tensor]:
    """W `b out in` and b `b out` of layer 0, then of layer 1, …, number by number, from the heads' outputs."""
    flat: list[Tensor] = []
    given = {name: value.double() for name, value in parameters.items()}
    hidden = [(given["trunk W"] @ code + given["trunk b"]).clamp_min(0) for code in z.double()]
    for layer, (inputs, outputs) in enumerate(pairwise(sizes)):
        W, b = given[f"head {layer} W"], given[f"head {layer} b"]
        numbers = [W @ features + b for features in hidden]
        rows = [range(row * inputs, (row + 1) * inputs) for row in range(outputs)]
        last = range(inputs * outputs, (inputs + 1) * outputs)
        flat.append(torch.stack([torch.stack([n[list(row)] for row in rows]) for n in numbers]))
        flat.append(torch.stack([n[list(last)] for n in numbers]))
    return flat


def beside_codes(network: Callable[[Tensor], Tensor], z: Tensor, x: Tensor) -> Tensor:
    """`b n out`: what one network for all says of each point of x `b n c`, followed by its object's row of z."""
    rows = [[network(torch.cat([point, z[i]])) for point in x[i]] for i in range(len(x))]
    return torch.stack([torch.stack(row) for row in rows])


def scaled_and_shifted(parameters: Mapping[str, Tensor], x: Tensor, z: Tensor) -> Tensor:
    """`b n out`: γ (W x + b) + β for each point, with 1 added to the first half of what the code says for γ."""
    W, b, W_z, b_z = (
        parameters[f"{layer} {part}"].double() for layer in ("linear", "code") for part in "Wb"
    )
    rows = []
    for points, code in zip(x.double(), z.double(), strict=True):
        said = W_z @ code + b_z
        gamma, beta = said[: len(b)] + 1, said[len(b) :]
        rows.append(torch.stack([gamma * (W @ point + b) + beta for point in points]))
    return torch.stack(rows)
