"""A freshly forked worker gives up everything it does not need, in an order in which nothing undoes a step before."""

from __future__ import annotations

import os
import resource
from dataclasses import dataclass

from autograder.sandbox import box, kernel, landlock, seccomp
from autograder.sandbox.policy import Layers, Limits, Tier
from autograder.sandbox.view import DEVICES, View

NOBODY = 65534
# Pages that are only read count as nobody's memory, but their page tables are real: 2 MB for each GB of addresses.
# Far above what torch with all of CUDA's libraries maps.
_ADDRESSES = 32 * 2**30


@dataclass(frozen=True)
class Confinement:
    """What the warm process found out once, for all its workers."""

    layers: Layers
    tier: Tier
    limits: Limits
    view: View
    drop_user: bool  # root becomes nobody; false where nobody could not read Python's own files


def shut_in(plan: Confinement, parent: int, data_bytes: int, processes: int) -> None:
    """Close every door of this process. OSError where a layer that the tier promises cannot be had.

    `data_bytes` is the private memory the process holds already, `processes` those its user runs already.
    """
    if plan.tier == Tier.A:
        box.fresh_scratch(plan.limits.box_mb, box.scratch_folders(plan.view))
    else:
        os.chdir("/")
    if plan.drop_user:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
    _limit_resources(plan.limits, data_bytes, processes)
    kernel.drop_capabilities()
    kernel.forbid_new_privileges()
    kernel.forbid_inspection()
    kernel.die_with_parent(parent)
    guarded = plan.tier.at_least(Tier.B)
    if plan.layers.landlock and guarded:
        writable = box.scratch_folders(plan.view) if plan.tier == Tier.A else ()
        landlock.restrict(plan.view.readable, DEVICES, writable, plan.layers.landlock)
    if plan.layers.seccomp:
        seccomp.install(files=guarded)


def _limit_resources(limits: Limits, data_bytes: int, processes: int) -> None:
    seconds = int(limits.exercise_seconds) + 1
    data = data_bytes + limits.memory_mb * 2**20
    for name, value in (
        (resource.RLIMIT_DATA, data),
        (resource.RLIMIT_AS, max(_ADDRESSES, 2 * data)),
        (resource.RLIMIT_FSIZE, limits.box_mb * 2**20),
        (resource.RLIMIT_NOFILE, 128),
        (resource.RLIMIT_NPROC, processes + limits.threads),
        (resource.RLIMIT_STACK, 8 * 2**20),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_MEMLOCK, 0),
        (resource.RLIMIT_CPU, seconds * 2),  # a thread or two; the wall clock is the real limit
    ):
        ceiling = resource.getrlimit(name)[1]
        value = value if ceiling == resource.RLIM_INFINITY else min(value, ceiling)
        resource.setrlimit(name, (value, value))
    if hasattr(resource, "RLIMIT_MSGQUEUE"):
        resource.setrlimit(resource.RLIMIT_MSGQUEUE, (0, 0))
