"""One training run: everything that must come back after a disconnect, and how a step changes it."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import NoReturn

import torch
from torch import nn

from course_lib.shapes import Tensor
from course_lib.training.best import Best
from course_lib.training.checkpoints import Checkpoint, read_checkpoint, write_checkpoint
from course_lib.training.config import FitConfig
from course_lib.training.history import History
from course_lib.training.identity import check_identity, checkpoint_path, identity
from course_lib.training.interrupts import whole
from course_lib.training.precision import Precision
from course_lib.training.returned import one_number
from course_lib.training.writers import Writer

_MOMENTS = ("step", "exp_avg", "exp_avg_sq")  # of Adam

Loss = Callable[[torch.Generator], Tensor]
Groups = Iterable[Tensor] | Mapping[float, Iterable[Tensor]]


class DivergedError(FloatingPointError):
    """The loss or every gradient became NaN or infinite; the message says when, and what is left."""


class Run:
    """Parameters, optimiser, generator, history, step, the best so far; `fit` moves it on."""

    def __init__(
        self,
        parameters: Groups,
        config: FitConfig,
        checkpoint: str | None = None,
        keep_best: str | None = None,
        data: str | None = None,
    ) -> None:
        groups = _groups(parameters)
        self.tensors = [tensor for tensors in groups.values() for tensor in tensors]
        if not self.tensors:
            raise ValueError("fit: there are no parameters to train")
        self.config, self.step, self.history = config, 0, History()
        device = self.tensors[0].device
        self.generator = torch.Generator(device=device).manual_seed(config.seed)
        self._before_batch = self.generator.get_state()
        self.precision = Precision(config.precision, device)
        self.optimizer = torch.optim.Adam(
            [{"params": tensors} for tensors in groups.values()],
            betas=(0.9, 0.99),
            fused=True,  # one pass over parameters and moments instead of a dozen
        )
        self.factors = list(groups)
        self.best = Best(keep_best, self.tensors)
        self._identity, self._writer = identity(groups, data), Writer()
        self.path = None if checkpoint is None else checkpoint_path(checkpoint, config)
        self._saved = time.monotonic()
        if self.path is not None and self.path.is_file():
            self._resume(self.path)

    @property
    def done(self) -> bool:
        """Whether all steps are made."""
        return self.step >= self.config.steps

    @property
    def evaluation_due(self) -> bool:
        """Whether this step asks for an evaluation that has not been made yet."""
        every = self.config.evaluate_every
        asked = self.done or bool(every and self.step and self.step % every == 0)
        return asked and self.history.steps[-1:] != [self.step]

    def advance(self, loss: Loss) -> float:
        """One step; its loss. DivergedError: it is no finite number, or no gradient is."""
        start = time.perf_counter()
        self.optimizer.zero_grad(set_to_none=True)
        with self.precision.autocast():
            value = one_number(loss(self.generator))
        number = float(value.detach())
        if not math.isfinite(number):
            self._diverged(f"the loss is {number}")
        rate = self.config.learning_rate * self.config.rate_at(self.step)
        for factor, group in zip(self.factors, self.optimizer.param_groups, strict=True):
            group["lr"] = factor * rate
        with whole():
            try:
                self.precision.update(
                    value, self.optimizer, self.tensors, self.config.clip_gradient
                )
            except FloatingPointError as error:
                self._diverged(str(error))
            self.step += 1
            self._before_batch = self.generator.get_state()
            self.history.losses.append(number)
            self.history.trained_seconds += time.perf_counter() - start
        return number

    def save_now_and_then(self) -> None:
        """Write a checkpoint if the last one is old enough."""
        if time.monotonic() - self._saved >= self.config.checkpoint_seconds:
            self.save()

    def save(self) -> None:
        """Write a checkpoint if this run has a name, has begun, and has nothing in it that is NaN or infinite."""
        if self.path is None or self.step == 0 or not self._sound():
            return
        self._saved = time.monotonic()
        if self._writer.other_is_ahead(self.path, self.step, self._identity):
            return
        tensors = {f"parameter {i}": tensor for i, tensor in enumerate(self.tensors)}
        for i, tensor in enumerate(self.tensors):
            moments = self.optimizer.state[tensor]
            tensors |= {f"{name} {i}": moments[name] for name in _MOMENTS if name in moments}
        tensors |= self.best.tensors()
        tensors["generator"] = self._before_batch  # a batch that was cut short is drawn again
        numbers = {
            "step": self.step,
            "history": self.history.state(),
            "identity": self._identity,
            "device": self.generator.device.type,
            "precision": self.precision.state(),
            "best": self.best.numbers(),
            "writer": self._writer.signature(),
        }
        try:
            write_checkpoint(self.path, tensors, numbers)
        except (
            OSError
        ) as error:  # the disk is full, the folder read-only: no reason to lose the training too
            self._writer.cannot_write(self.path, error)

    def forget(self) -> None:
        """A finished run needs no checkpoint: running the cell again should train again.

        That of another kernel, which still trains, stays.
        """
        if self.path is not None and self._writer.owns(self.path):
            try:
                self.path.unlink(missing_ok=True)
            except OSError as error:
                print(
                    f"{self.path} is done with, but cannot be deleted: {error.strerror}. Delete it to train anew."
                )

    def _sound(self) -> bool:
        return all(bool(tensor.isfinite().all()) for tensor in self.tensors)

    def _diverged(self, what: str) -> NoReturn:
        """Stop; leave parameters that can be used, and say which they are and how to go on."""
        kept = self.path if self.path is not None and self.path.is_file() else None
        sound = self._sound()
        if sound and kept is None and self.path is not None and self.step > 0:
            self.save()
            kept = self.path if self.path.is_file() else None
        if self.best.step is not None:  # fit puts them back
            left = f"the parameters are those of the best evaluation, at step {self.best.step}."
        elif sound:
            left = "the parameters are still those before this step."
        elif kept is not None:
            found = read_checkpoint(kept)
            self._put(found)
            left = f"the parameters, ruined by a gradient, are again those of step {found.numbers['step']}."
        else:
            left = (
                "a gradient before has ruined the parameters: build the model anew, and pass checkpoint=… to fit to "
                "keep the last good ones."
            )
        on = ""
        if kept is not None:
            on = (
                f" The last good state stays in {kept}: mend the loss and make the same call to go on from there. With "
                "another learning rate the call begins anew."
            )
        small = self.precision.dtype is torch.float16
        room = " (or numbers beyond float16's 65504: precision='float32' has room)" if small else ""
        raise DivergedError(
            f"{what} at step {self.step} (batch {self.step + 1} of {self.config.steps}). Look for a division by zero, "
            f"a logarithm or square root of 0, or a too high learning rate{room}; {left}{on}"
        )

    def _put(self, found: Checkpoint) -> None:
        with torch.no_grad():
            for i, tensor in enumerate(self.tensors):
                tensor.copy_(found.tensors[f"parameter {i}"])

    def _resume(self, path: Path) -> None:
        found = read_checkpoint(path)
        check_identity(path, found, self._identity)
        self._writer.continues(path, found.numbers)
        self._put(found)
        for i, tensor in enumerate(self.tensors):
            names = [name for name in _MOMENTS if f"{name} {i}" in found.tensors]
            if names:
                self.optimizer.state[tensor] = {
                    name: _laid_out(found.tensors[f"{name} {i}"], tensor) for name in names
                }
        self.history = History(**found.numbers["history"])
        self.step = found.numbers["step"]
        self.precision.load(found.numbers["precision"])
        self.best.load(found.numbers["best"], found.tensors.__getitem__)
        print(f"Continuing at step {self.step} from {path}; delete that file to train anew.")
        there, here = found.numbers["device"], self.generator.device.type
        if there == here:
            self.generator.set_state(found.tensors["generator"])
        else:  # generators of different devices cannot go on from each other's states
            self.generator.manual_seed(self.config.seed + self.step)
            print(f"It was made on {there}; here, on {here}, the batches to come are other ones.")
        self._before_batch = self.generator.get_state()


def _groups(parameters: Groups) -> dict[float, list[Tensor]]:
    if isinstance(parameters, nn.Module):
        kind = type(parameters).__name__
        raise ValueError(f"fit: parameters are a {kind}; pass model.parameters()")
    groups = parameters if isinstance(parameters, Mapping) else {1.0: parameters}
    return {factor: list(tensors) for factor, tensors in groups.items()}


def _laid_out(moment: Tensor, parameter: Tensor) -> Tensor:
    """Where the parameter is and in its memory format: the fused optimiser walks through both side by side."""
    if moment.ndim == 0:  # one number has no format
        return moment.to(parameter.device)
    return torch.empty_like(parameter).copy_(moment)
