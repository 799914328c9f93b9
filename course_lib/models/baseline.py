"""One interface for all baselines: photographs become a code, a code and a camera become a picture."""

from __future__ import annotations

from abc import ABC, abstractmethod

import torch
from torch import nn

from course_lib.shapes import Float, Resolution, Tensor


class Baseline(nn.Module, ABC):
    """A network from posed photographs of an object to what another camera sees of it.

    Cameras are OpenCV's; images are in [0, 1]. A model says how it reads one photograph (`code_of_view`), how codes
    of several become one (`together`) and how it paints (`picture`); shapes are checked here.
    """

    def __init__(self, resolution: Resolution, code_length: int) -> None:
        super().__init__()
        self.resolution, self.code_length = resolution, code_length

    @abstractmethod
    def code_of_view(
        self, images: Float[Tensor, "n h w 3"], world_from_camera: Float[Tensor, "n 4 4"]
    ) -> Float[Tensor, "n d"]:
        """A code for each photograph, of whichever object it is."""

    @abstractmethod
    def together(self, codes: Float[Tensor, "b v d"]) -> Float[Tensor, "b d"]:
        """One code from those of an object's views; their order does not matter."""

    @abstractmethod
    def picture(
        self, z: Float[Tensor, "b d"], world_from_camera: Float[Tensor, "b 4 4"]
    ) -> Float[Tensor, "b h w 3"]:
        """What each camera sees of its object."""

    def encode(
        self, images: Float[Tensor, "b v h w 3"], world_from_camera: Float[Tensor, "b v 4 4"]
    ) -> Float[Tensor, "b d"]:
        """A code for each of b objects, from v ≥ 1 photographs of each.

        Raises:
            ValueError: the shapes are others; the message says which were expected.
        """
        height, width = self.resolution
        if images.ndim != 5 or tuple(images.shape[2:]) != (height, width, 3) or 0 in images.shape:
            raise ValueError(
                f"{type(self).__name__}.encode reads images (objects, views, {height}, {width}, 3), not "
                f"{tuple(images.shape)}; one object alone needs images[None]"
            )
        self._check_poses("encode", world_from_camera, tuple(images.shape[:2]))
        codes = self.code_of_view(images.flatten(0, 1), world_from_camera.flatten(0, 1))
        return self.together(codes.reshape(*images.shape[:2], -1))

    def decode(
        self, z: Float[Tensor, "b d"], world_from_camera: Float[Tensor, "b 4 4"]
    ) -> Float[Tensor, "b h w 3"]:
        """What a camera sees of each object. z may also be a learned code per object: an auto-decoder.

        Raises:
            ValueError: the shapes are others; the message says which were expected.
        """
        if z.ndim != 2 or z.shape[1] != self.code_length:
            raise ValueError(
                f"{type(self).__name__}.decode reads codes (objects, {self.code_length}), not {tuple(z.shape)}"
            )
        self._check_poses("decode", world_from_camera, (len(z),))
        return self.picture(z, world_from_camera)

    def forward(
        self,
        context_images: Float[Tensor, "b v h w 3"],
        context_poses: Float[Tensor, "b v 4 4"],
        target_poses: Float[Tensor, "b t 4 4"],
    ) -> Float[Tensor, "b t h w 3"]:
        """Pictures of b objects by t other cameras each, after v photographs of each.

        Raises:
            ValueError: the shapes are others; the message says which were expected.
        """
        z = self.encode(context_images, context_poses)
        targets = target_poses.shape[1] if target_poses.ndim > 1 else 0
        self._check_poses("forward", target_poses, (len(z), targets))
        pictures: Tensor = self.decode(
            z.repeat_interleave(targets, dim=0), target_poses.flatten(0, 1)
        )
        return pictures.reshape(len(z), targets, *pictures.shape[1:])

    def _check_poses(self, method: str, poses: Tensor, batch: tuple[int, ...]) -> None:
        if tuple(poses.shape) != (*batch, 4, 4):
            raise ValueError(
                f"{type(self).__name__}.{method} needs a pose world_from_camera for every picture, "
                f"{(*batch, 4, 4)}, not {tuple(poses.shape)}"
            )


def pose_numbers(world_from_camera: Float[Tensor, "n 4 4"]) -> Float[Tensor, "n 12"]:
    """Rotation and place of a camera as numbers: to these networks they are features like any others."""
    rotation, place = world_from_camera[:, :3, :3], world_from_camera[:, :3, 3]
    return torch.cat([rotation.flatten(1), place], dim=1)
