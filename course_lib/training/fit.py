"""The training loop of the course: one for every model, resumable to the same curve."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping

import torch
from tqdm import tqdm

from course_lib.training.allocator import keep_freed_memory
from course_lib.training.config import FitConfig
from course_lib.training.history import History
from course_lib.training.returned import plain_numbers
from course_lib.training.run import DivergedError, Groups, Loss, Run


def fit(
    loss: Loss,
    parameters: Groups,
    config: FitConfig,
    *,
    evaluate: Callable[[], Mapping[str, float]] | None = None,
    show: Callable[[int], None] | None = None,
    checkpoint: str | None = None,
    keep_best: str | None = None,
    data: str | None = None,
    title: str = "training",
) -> History:
    """Minimise `loss` over `parameters` with Adam; a bar shows the loss and the last evaluation.

    Args:
        loss: one step's loss; it draws its batch from the generator it is given, so that the same seed gives
            the same curve, also when the run is interrupted and resumed.
        parameters: tensors, or groups of them under a factor on the learning rate: {1.0: weights, 5.0: codes}.
        evaluate: held-out metrics, such as {"psnr": 27.1}; called without gradients, in float32.
        show: called with the step after every evaluation, for pictures; without gradients, in float32.
        checkpoint: a name. While training, the state is saved under it now and then; if the run is cut off
            (a disconnect, the stop button), the same call continues it. A finished run starts anew.
        keep_best: a metric of `evaluate`. However the run ends, the parameters are then those of the evaluation
            where it was largest (smallest, if a minus stands before the name: "-loss"), and the history's
            `best_step` says which that was. They are part of the checkpoint.
        data: what the run is trained on, such as `course_lib.data.fingerprint(views)`: a checkpoint made on
            other data is refused.

    Raises:
        ValueError: no parameters, a loss that is not one number or does not depend on them, metrics that are no
            numbers or lack `keep_best`, or an unfit name of a checkpoint; the message says which.
        FloatingPointError: the loss, or every gradient, became NaN or infinite. Parameters are as they were before
            that step, or the best so far with `keep_best`; the last good checkpoint stays. The message says which
            batch it was, which parameters are left and how to go on.
        CheckpointError: the checkpoint is damaged, or of a model with other parameters, or of other data.
    """
    if keep_best is not None and evaluate is None:
        raise ValueError(f"fit: keep_best is {keep_best!r}, but there is no evaluate=… to judge by")
    run = Run(parameters, config, checkpoint, keep_best, data)
    keep_freed_memory()
    bar = tqdm(
        total=config.steps, initial=run.step, desc=title, file=sys.stdout, leave=True, ncols=88
    )
    try:
        while True:
            if evaluate is not None and run.evaluation_due:
                _evaluate(run, evaluate, show)
            if run.step % 10 == 0 or run.done:
                bar.set_postfix_str(_said(run.history))
            if run.done:
                break
            run.advance(loss)
            bar.update(1)
            run.save_now_and_then()
    except DivergedError:
        raise  # the last good checkpoint is the one to keep
    except BaseException:
        run.save()  # the stop button, a disconnect: go on from here
        raise
    finally:
        bar.close()
        run.best.restore()
    run.forget()
    run.history.best_step = run.best.step
    return run.history


def _evaluate(
    run: Run, evaluate: Callable[[], Mapping[str, float]], show: Callable[[int], None] | None
) -> None:
    with torch.no_grad():
        metrics = plain_numbers(evaluate())
        run.best.consider(run.step, metrics)
        run.history.add(run.step, metrics)
        if show is not None:
            show(run.step)


def _said(history: History) -> str:
    parts = [f"loss {loss:.3g}" for loss in history.losses[-1:]]
    if history.metrics:
        parts += [f"{name} {value:.3g}" for name, value in history.metrics[-1].items()]
    return ", ".join(parts)
