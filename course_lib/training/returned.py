"""What `loss` and `evaluate` returned, if training can use it; else an error that says what to return."""

from __future__ import annotations

from collections.abc import Mapping

from course_lib.shapes import Tensor


def one_number(value: object) -> Tensor:
    """A loss that can be minimised. ValueError: it is no tensor, not one number, or depends on no parameter."""
    if not isinstance(value, Tensor):
        said = f"a {type(value).__name__}; return a tensor, the mean over the batch"
    elif value.numel() != 1:
        said = f"a tensor of shape {tuple(value.shape)}; return one number, such as its mean"
    elif not value.requires_grad:
        said = (
            "a number that does not depend on any parameter: is something detached, under torch.no_grad() or "
            "turned into a float on the way?"
        )
    else:
        return value
    raise ValueError(f"fit: loss returned {said}")


def plain_numbers(metrics: object) -> dict[str, float]:
    """Metrics as numbers that a checkpoint can hold. ValueError names the one that is no number."""
    if not isinstance(metrics, Mapping):
        raise ValueError(
            f"fit: evaluate returned a {type(metrics).__name__}; return a dict such as {{'psnr': 27.1}}"
        )
    found = {}
    for name, value in metrics.items():
        try:
            found[str(name)] = float(value)
        except (TypeError, ValueError, RuntimeError):
            raise ValueError(
                f"fit: evaluate returned {value!r:.80} for {name!r}, not a number"
            ) from None
    return found
