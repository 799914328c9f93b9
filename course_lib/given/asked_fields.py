"""A light field that counts how often it is asked, and says so if that is more than it should be."""

from collections.abc import Callable
from typing import Any

import torch

from course_lib.given.light_fields import textured_plane, waves
from course_lib.shapes import Float, Tensor

_FIELDS: dict[str, Callable[..., Tensor]] = {"waves": waves, "textured_plane": textured_plane}


class AskedField:
    """A field of `course_lib.given.light_fields` for `rays` rays in all; how it is asked is counted.

    Made before student code runs, it knows whether gradients were recorded then.

    Args:
        field: "waves" or "textured_plane".
        rays: The number of rays that are needed, each once.
        portion: The most rays at a time; None: all of them at once, in a single call.
        gradients: Whether it may be asked while gradients are recorded.
        options: The field's own named arguments.
    """

    def __init__(
        self, field: str, rays: int, portion: int | None, gradients: bool, **options: Any
    ) -> None:
        self.field = _FIELDS[field]
        self.rays = rays
        self.portion = portion
        self.gradients = gradients
        self.options = options
        self.asked = 0
        self.was_recording = torch.is_grad_enabled()

    def __call__(self, lines: Float[Tensor, "p 6"]) -> Float[Tensor, "p 3"]:
        """The colours of these lines.

        Raises:
            ValueError: what came is no list of lines.
            RuntimeError: it was asked for too many rays, or not for all at once, or while gradients are recorded, or
                an earlier call has left gradients switched off.
        """
        if not self.was_recording:
            raise RuntimeError(
                "gradients were off already when this call began: an earlier one switched them off for all that "
                "follows, and nothing can be trained after it. Switch them off inside only, by a block `with "
                "torch.no_grad():`; in this session torch.set_grad_enabled(True) brings them back"
            )
        if torch.is_grad_enabled() and not self.gradients:
            raise RuntimeError(
                "`field` was called while gradients are recorded, which costs memory for every ray: "
                "call it under torch.no_grad()"
            )
        colors = self.field(lines, **self.options)
        count, before = len(lines), self.asked
        self.asked += count
        if self.portion is None and count < self.rays and not before:
            raise RuntimeError(
                f"`field` was asked for {count} of {self.rays} rays: ask for all of them at once, in one call"
            )
        if self.asked > self.rays:
            earlier = f", after {before} before" if before else ""
            raise RuntimeError(
                f"`field` was asked for {count} rays{earlier}, and {self.rays} are needed: "
                "ask for every ray once, and for no other"
            )
        if self.portion is not None and count > self.portion:
            raise RuntimeError(
                f"`field` was asked for {count} rays at once, and a portion has {self.portion} at most"
            )
        return colors
