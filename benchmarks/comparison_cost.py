"""What a picture, a training step and an unknown object cost each model: counted where it can be, else timed."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.comparison_painters import PAINTER, RECIPES
from benchmarks.live_memory import peak_bytes
from benchmarks.timing import least_processor_seconds
from course_lib.data import PosedViews
from course_lib.models import PoseConditioned
from course_lib.solved.auto_decoding import explain
from course_lib.solved.camera_geometry import pixel_centers
from course_lib.solved.light_fields import FoldedLightField, LightFieldNetwork
from course_lib.training.allocator import keep_freed_memory
from course_lib.training.memory import bytes_kept


@dataclass(frozen=True)
class Cost:
    """Of one model, for one photograph; times are of one thread.

    Volumes are trained with half the samples of a picture, and their training step is counted so.
    """

    evaluations: float  # of the object's network, per ray
    megaflops: float  # of products per ray, forward
    frames: float  # a second, the object's weights made before
    kept: float  # bytes that a training step on one photograph keeps for its way back
    step_peak: float  # most bytes alive in that step, gradients included
    picture_peak: float  # most bytes alive while a photograph is rendered in one piece
    search: float  # seconds to find a new object's code from one photograph
    folded: float | None = (
        None  # frames a second of the same pictures by notebook 5's FoldedLightField
    )


def cost_of(model: str, photograph: PosedViews, steps: int, runs: int) -> Cost:
    """What a model costs at the size of `photograph`, a batch (1, 1); what it has learned does not matter.

    Args:
        steps: of the search for a code.
        runs: of which the fastest counts.
    """
    torch.manual_seed(0)
    keep_freed_memory()  # as `fit` does
    h, w = photograph.resolution
    if model == PAINTER:
        return _painter(photograph, runs)
    recipe = RECIPES[model]
    network = recipe.network(recipe.config)
    z = torch.zeros(1, recipe.config.code_length)
    uv = pixel_centers((h, w)).reshape(1, -1, 2)
    K, pose = photograph.K[0], photograph.world_from_camera[0]
    folded = None
    with torch.no_grad():
        weights = network.weights(z)
    if isinstance(network, LightFieldNetwork):
        field = FoldedLightField(weights, recipe.config.octaves)
        seconds = least_processor_seconds(lambda: field.image(K[0], pose[0], (h, w)), runs)
        folded = 1 / seconds

    def render() -> Tensor:
        with torch.no_grad():
            return network.look(weights, uv, K, pose)[0]

    def loss() -> Tensor:
        return network(z, uv, K, pose)[0].square().mean()

    begin = time.thread_time()
    explain(network, photograph, z[0], steps)
    search = time.thread_time() - begin
    count = FirstLayer(weights[0][0])
    with count:
        render()
    return Cost(
        count.rows / (h * w),
        _operations(render) / (h * w) / 1e6,
        1 / least_processor_seconds(render, runs),
        bytes_kept(loss),
        peak_bytes(_step(network, loss)),
        peak_bytes(render),
        search,
        folded,
    )


def _painter(photograph: PosedViews, runs: int) -> Cost:
    """A network for the whole picture: no ray is ever asked for."""
    network, (h, w) = PoseConditioned(), photograph.resolution
    images, pose = photograph.images, photograph.world_from_camera
    with torch.no_grad():
        z = network.encode(images, pose)

    def render() -> Tensor:
        with torch.no_grad():
            return network.decode(z, pose[0])

    def encode() -> Tensor:
        with torch.no_grad():
            return network.encode(images, pose)

    def loss() -> Tensor:
        return network(images, pose, pose).square().mean()

    return Cost(
        0,
        _operations(render) / (h * w) / 1e6,
        1 / least_processor_seconds(render, runs),
        bytes_kept(loss),
        peak_bytes(_step(network, loss)),
        peak_bytes(render),
        least_processor_seconds(encode, runs),
    )


def _step(network: nn.Module, loss: Callable[[], Tensor]) -> Callable[[], None]:
    """Forward and back; the gradients are there at the end, as the optimiser needs them."""

    def work() -> None:
        network.zero_grad(set_to_none=True)
        loss().backward()

    return work


def _operations(work: Callable[[], object]) -> float:
    with FlopCounterMode(display=False) as counter:
        work()
    return float(counter.get_total_flops())


class FirstLayer(TorchDispatchMode):
    """While it is entered, counts the rows that go through the layer with these weights `b out in`."""

    def __init__(self, W: Tensor) -> None:
        super().__init__()
        self._where, self._inputs = W.data_ptr(), W.shape[-1]
        self.rows = 0

    def __torch_dispatch__(
        self,
        function: Any,
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        """Run the operation; it is an evaluation of the layer if its second matrix is the layer's."""
        if function is torch.ops.aten.baddbmm.default and args[2].data_ptr() == self._where:
            self.rows += args[1].shape[:-1].numel()
        return function(*args, **(kwargs or {}))
