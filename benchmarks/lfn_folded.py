"""A trained light field, folded for rendering."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from course_lib.shapes import Float
from course_lib.solved.camera_geometry import pixel_centers, world_rays
from course_lib.solved.light_fields import plucker
from course_lib.solved.rendering import positional_encoding


class FoldedLightField:
    """One object's light field, prepared for rendering: the colours of `light_field`, with little but its products.

    A hidden layer is h' = relu(c) / √(mean(c²) + ε), where c = W h + b minus its mean: a product, then pass after pass
    over the result. Most of that need not be done.

    *The mean.* Subtract from W and b, once and for all, their means over the outputs: c then has mean 0 by itself.

    *The division.* Write h = √n u / r, with one number r for each ray, and never divide. With c = √n W u + r b,
    everything is r times what it was, and a ReLU does not mind:

        u' = relu(c),    r' = √(‖c‖² + n ε r²)    (n is as long as c),    and at the end rgb = c / r.

    So a layer is one product of (u, r) with (√n W, b), a sum of squares, and a ReLU in place. ε is where it was: these
    are the same numbers, up to rounding. (A layer's W, b and √ε are scaled together, so that r stays near 1.)

    *The rays.* Nor does the network mind how long (d, m) is, if r says so. Through a pixel, d = R q and m = o × d, with
    q = K⁻¹ (u, v, 1): linear in q. So the first layer reads (q, ‖q‖), whatever the pose, and no ray is ever made.

    *The cache.* `portion` rays go through all layers before the next ones start, in two arrays that stay in the cache.

    For pictures only: it has no derivatives, and no two threads may use it at once.
    """

    def __init__(
        self,
        weights: Sequence[tuple[Float[Tensor, "1 out in"], Float[Tensor, "1 out"]]],
        octaves: int = 0,
        dtype: torch.dtype = torch.float32,
        portion: int | None = None,
    ) -> None:
        """Fold the weights of one object, as `LightFieldNetwork.weights` gives them.

        Args:
            octaves: of positional encoding of lines, as in the network's configuration.
            dtype: of the products. torch.bfloat16 is about 1 % off and, where the machine has it, nearly twice as fast.
                Rays are read to float32's precision in any case, and r is float32.
            portion: rays at a time; by default what takes 1/2 MB for each thread, on a GPU 262,144.
        """
        if any(len(W) != 1 for W, _ in weights):
            raise ValueError(
                f"FoldedLightField folds the weights of one object and was given those of {len(weights[0][0])}; "
                "make one for each: weights(z[i : i + 1])"
            )
        if weights[0][0].shape[-1] != 6 + 12 * octaves:
            raise ValueError(
                f"the first layer reads {weights[0][0].shape[-1]} numbers, and lines with octaves={octaves} of "
                f"positional encoding are {6 + 12 * octaves}; give octaves as in the network's configuration"
            )
        device = weights[0][0].device
        self._octaves = octaves
        self._portion = portion or (
            2**18 if device.type == "cuda" else 2048 // dtype.itemsize * torch.get_num_threads()
        )
        # A negative number of 16 bits is a negative integer of 16 bits, and these are faster to compare.
        self._compared = torch.int16 if dtype.itemsize == 2 else dtype
        layers: list[Tensor] = []  # inputs + 1, outputs: W above b
        self._roots: list[float] = []  # √(n ε), scaled with the layer
        for i, (W, b) in enumerate(weights):
            layer = torch.cat([W[0], b[0][:, None]], dim=1).detach().float().T.contiguous()
            if i > 0:
                layer[:-1] *= W.shape[-1] ** 0.5
            if i < len(weights) - 1:
                layer -= layer.mean(1, keepdim=True)
                smallest = 1e-5 * len(W[0])  # n ε
                scale = float(layer.square().sum() / W.shape[-1] + smallest) ** -0.5
                layer *= scale
                self._roots.append(scale * smallest**0.5)
            layers.append(layer)
        self._first, *rest = layers
        *self._hidden, last = (layer.to(dtype) for layer in rest)
        self._last = last.T.contiguous()
        columns = -(-max(map(len, rest)) // 32) * 32  # whole lines of the cache
        self._arrays = torch.empty(2, self._portion, columns, dtype=dtype, device=device)

    @torch.no_grad()
    def __call__(self, lines: Float[Tensor, "p 6"]) -> Float[Tensor, "p 3"]:
        """The colours of lines: a field for `render_light_field`."""
        if self._octaves:
            lines = torch.cat([lines, positional_encoding(lines, self._octaves)], dim=-1)
        one = torch.ones_like(lines[:, :1])
        return self.through(torch.cat([lines, one], dim=-1), self._first)

    @torch.no_grad()
    def image(
        self,
        K: Float[Tensor, "3 3"],
        world_from_camera: Float[Tensor, "4 4"],
        resolution: tuple[int, int],
    ) -> Float[Tensor, "h w 3"]:
        """What a camera sees: `render_light_field`, but without rays."""
        uv = pixel_centers(resolution, K.device).reshape(-1, 2)
        if self._octaves:  # sines are not linear
            rgb = self(plucker(*world_rays(uv, K, world_from_camera)))
            return rgb.reshape(*resolution, 3)
        q = torch.cat([uv, torch.ones_like(uv[:, :1])], dim=-1) @ torch.linalg.inv(K).T
        x = torch.cat([q, q.norm(dim=-1, keepdim=True)], dim=-1)
        return self.through(x, self.posed(world_from_camera)).reshape(*resolution, 3)

    def posed(self, world_from_camera: Float[Tensor, "4 4"]) -> Float[Tensor, "4 n"]:
        """The first layer for one camera: it reads (q, ‖q‖), with q a direction of any length in its frame."""
        R, o = world_from_camera[:3, :3], world_from_camera[:3, 3:]
        W, b = self._first[:6], self._first[6:]
        line_from_direction = torch.cat([R, torch.linalg.cross(o.expand(3, 3), R, dim=0)])
        return torch.cat([line_from_direction.T @ W, b])

    def through(self, x: Float[Tensor, "p i"], first: Float[Tensor, "i n"]) -> Float[Tensor, "p 3"]:
        """Colours of rays that a first layer reads as x, whose last column is r; a portion after the other."""
        r, dtype = x[:, -1], self._arrays.dtype
        if dtype != torch.float32:  # what rounding takes from the rays goes beside them
            rounded = x.to(dtype)
            x = torch.cat([rounded, (x - rounded).to(dtype)], dim=-1)
            first = torch.cat([first, first]).to(dtype)
        layers = list(zip([first, *self._hidden], self._roots, strict=True))
        colors = []
        for read, s in zip(*(torch.split(every, self._portion) for every in (x, r)), strict=True):
            here, there = self._arrays[:, : len(read)]
            for layer, root in layers:
                n = layer.shape[1]
                c = torch.mm(read, layer, out=here[:, :n])
                s = torch.hypot(torch.linalg.vector_norm(c, dim=1, dtype=s.dtype), root * s)
                c.view(self._compared).clamp_(min=0)
                here[:, n] = s
                read, here, there = here[:, : n + 1], there, here
            colors.append(torch.mm(self._last, read.T) / s)  # three rows: faster than three columns
        return torch.cat(colors, dim=1).T
