"""The training loop of the course: one for every model, resumable to the same curve."""

from __future__ import annotations

import hashlib
import math
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from numbers import Integral, Real
from pathlib import Path

import torch
from torch import Tensor, nn
from tqdm import tqdm

from course_lib.training.allocator import keep_freed_memory
from course_lib.training.checkpoints import (
    CheckpointError,
    checkpoint_folder,
    read_checkpoint,
    write_checkpoint,
)
from course_lib.training.history import History

_MOMENTS = ("step", "exp_avg", "exp_avg_sq")  # of Adam

Loss = Callable[[torch.Generator], Tensor]
Groups = Iterable[Tensor] | Mapping[float, Iterable[Tensor]]


@dataclass(frozen=True)
class FitConfig:
    """How long and how fast to train. Part of a checkpoint's name: another configuration is another run."""

    steps: int
    learning_rate: float = 1e-3
    final_rate: float = 0.1  # the rate falls along a cosine to this share of the first one
    clip_gradient: float | None = None  # largest norm of all gradients together
    seed: int = 0
    evaluate_every: int = 0  # steps; 0: only at the end
    checkpoint_seconds: float = 30.0

    def __post_init__(self) -> None:
        clip, share = self.clip_gradient, self.final_rate
        for name, fits, wanted in (
            ("steps", _whole(self.steps, 1), "a whole number, 1 or more"),
            ("seed", isinstance(self.seed, Integral), "a whole number"),
            ("evaluate_every", _whole(self.evaluate_every, 0), "a whole number of steps, or 0"),
            ("learning_rate", _positive(self.learning_rate), "a positive number"),
            ("clip_gradient", clip is None or _positive(clip), "a positive number or None"),
            (
                "final_rate",
                share == 0 or (_positive(share) and share <= 1),
                "a share of the rate, 0 to 1",
            ),
        ):
            if not fits:
                raise ValueError(f"{name} must be {wanted}, not {getattr(self, name)!r}")

    def rate_at(self, step: int) -> float:
        """The share of the learning rate in force at a step, from 1 down to `final_rate`."""
        swing = 0.5 + 0.5 * math.cos(math.pi * min(step / self.steps, 1.0))
        return self.final_rate + (1 - self.final_rate) * swing


def fit(
    loss: Loss,
    parameters: Groups,
    config: FitConfig,
    *,
    evaluate: Callable[[], Mapping[str, float]] | None = None,
    show: Callable[[int], None] | None = None,
    checkpoint: str | None = None,
    title: str = "training",
) -> History:
    """Minimise `loss` over `parameters` with Adam; a bar shows the loss and the last evaluation.

    Args:
        loss: one step's loss; it draws its batch from the generator it is given, so that the same seed gives
            the same curve, also when the run is interrupted and resumed.
        parameters: tensors, or groups of them under a factor on the learning rate: {1.0: weights, 5.0: codes}.
        evaluate: held-out metrics, such as {"psnr": 27.1}; called without gradients.
        show: called with the step after every evaluation, for pictures.
        checkpoint: a name. While training, the state is saved under it now and then; if the run is cut off
            (a disconnect, the stop button), the same call continues it. A finished run starts anew.

    Raises:
        ValueError: no parameters, a loss that is not one number or does not depend on them, metrics that are no
            numbers, or an unfit name of a checkpoint; the message says which.
        FloatingPointError: the loss became NaN or infinite; parameters are as they were before that step.
        CheckpointError: the checkpoint is damaged, or of a model with other parameters.
    """
    run = _Run(parameters, config, checkpoint)
    keep_freed_memory()
    bar = tqdm(
        total=config.steps, initial=run.step, desc=title, file=sys.stdout, leave=True, ncols=88
    )
    try:
        while run.step < config.steps:
            value = run.advance(loss)
            bar.update(1)
            done = run.step == config.steps
            every = config.evaluate_every
            if evaluate is not None and (done or (every and run.step % every == 0)):
                with torch.no_grad():
                    run.history.add(run.step, _numbers(evaluate()))
                if show is not None:
                    show(run.step)
            if done or run.step % 10 == 0:
                bar.set_postfix_str(_said(value, run.history))
            run.save_now_and_then()
    except FloatingPointError:
        run.forget()  # nobody wants to continue from there
        raise
    except BaseException:
        run.save()  # the stop button, a disconnect: go on from here
        raise
    finally:
        bar.close()
    run.forget()
    return run.history


class _Run:
    """Everything that must come back after a disconnect: parameters, optimiser, generator, history, step."""

    def __init__(self, parameters: Groups, config: FitConfig, name: str | None) -> None:
        if isinstance(parameters, nn.Module):
            kind = type(parameters).__name__
            raise ValueError(f"fit: parameters are a {kind}; pass model.parameters()")
        groups = parameters if isinstance(parameters, Mapping) else {1.0: parameters}
        chosen = {factor: list(tensors) for factor, tensors in groups.items()}
        self.tensors = [tensor for tensors in chosen.values() for tensor in tensors]
        if not self.tensors:
            raise ValueError("fit: there are no parameters to train")
        self.config, self.step, self.history = config, 0, History()
        device = self.tensors[0].device
        self.generator = torch.Generator(device=device).manual_seed(config.seed)
        self.optimizer = torch.optim.Adam(
            [{"params": tensors} for tensors in chosen.values()],
            betas=(0.9, 0.99),
            fused=True,  # one pass over parameters and moments instead of a dozen
        )
        self.factors = list(chosen)
        self.path = None if name is None else _path(name, config)
        self.saved = time.monotonic()
        if self.path is not None and self.path.is_file():
            self._resume(self.path)

    def advance(self, loss: Loss) -> float:
        """One step; its loss."""
        start = time.perf_counter()
        self.optimizer.zero_grad(set_to_none=True)
        value = _one_number(loss(self.generator))
        number = float(value.detach())
        if not math.isfinite(number):
            raise FloatingPointError(
                f"the loss is {number} at step {self.step}. Look for a division by zero, a logarithm of 0 or "
                "a too high learning rate; the parameters are still those before this step."
            )
        value.backward()  # type: ignore[no-untyped-call]
        if self.config.clip_gradient is not None:
            torch.nn.utils.clip_grad_norm_(self.tensors, self.config.clip_gradient)
        rate = self.config.learning_rate * self.config.rate_at(self.step)
        for factor, group in zip(self.factors, self.optimizer.param_groups, strict=True):
            group["lr"] = factor * rate
        self.optimizer.step()
        self.step += 1
        self.history.losses.append(number)
        self.history.trained_seconds += time.perf_counter() - start
        return number

    def save_now_and_then(self) -> None:
        """Write a checkpoint if the last one is old enough."""
        if time.monotonic() - self.saved >= self.config.checkpoint_seconds:
            self.save()

    def save(self) -> None:
        """Write a checkpoint, if this run has a name and has begun."""
        if self.path is None or self.step == 0:
            return
        tensors = {f"parameter {i}": tensor for i, tensor in enumerate(self.tensors)}
        for i, tensor in enumerate(self.tensors):
            moments = self.optimizer.state[tensor]
            tensors |= {f"{name} {i}": moments[name] for name in _MOMENTS if name in moments}
        tensors["generator"] = self.generator.get_state()
        write_checkpoint(self.path, tensors, {"step": self.step, "history": self.history.state()})
        self.saved = time.monotonic()

    def forget(self) -> None:
        """A finished run needs no checkpoint: running the cell again should train again."""
        if self.path is not None:
            self.path.unlink(missing_ok=True)

    def _resume(self, path: Path) -> None:
        found = read_checkpoint(path)
        shapes = [tuple(t.shape) for name, t in found.tensors.items() if name.startswith("param")]
        if sorted(shapes) != sorted(tuple(tensor.shape) for tensor in self.tensors):
            raise CheckpointError(
                f"the checkpoint {path} belongs to a model with other parameters. Delete it to train anew."
            )
        for i, tensor in enumerate(self.tensors):
            with torch.no_grad():
                tensor.copy_(found.tensors[f"parameter {i}"])
            names = [name for name in _MOMENTS if f"{name} {i}" in found.tensors]
            if names:  # the optimiser counts its steps beside the moments, both where the tensor is
                moments = {name: found.tensors[f"{name} {i}"].to(tensor.device) for name in names}
                self.optimizer.state[tensor] = moments
        self.generator.set_state(found.tensors["generator"])
        self.history = History(**found.numbers["history"])
        self.step = found.numbers["step"]
        print(f"Continuing at step {self.step} from {path}; delete that file to train anew.")


def _whole(value: object, least: int) -> bool:
    return isinstance(value, Integral) and int(value) >= least


def _positive(value: object) -> bool:
    return isinstance(value, Real) and math.isfinite(value) and float(value) > 0


def _one_number(value: object) -> Tensor:
    """What `loss` returned, if it can be minimised."""
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


def _numbers(metrics: object) -> dict[str, float]:
    """What `evaluate` returned, as plain numbers that a checkpoint can hold."""
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


def _path(name: str, config: FitConfig) -> Path:
    if not isinstance(name, str) or not name.strip(". ") or {"/", "\\"} & set(name):
        raise ValueError(f"fit: checkpoint is a file's name without a folder, not {name!r}")
    settings = repr(sorted((k, v) for k, v in asdict(config).items() if k != "checkpoint_seconds"))
    fingerprint = hashlib.sha256(settings.encode()).hexdigest()[:8]
    return checkpoint_folder() / f"{name}-{fingerprint}.safetensors"


def _said(loss: float, history: History) -> str:
    parts = [f"loss {loss:.3g}"]
    if history.metrics:
        parts += [f"{name} {value:.3g}" for name, value in history.metrics[-1].items()]
    return ", ".join(parts)
