"""The kernel's privileged doors: each is knocked on with arguments that no kernel would act upon.

Where the door is open the kernel complains about the arguments (EINVAL, EFAULT, EBADF); where it is shut, about the
caller (EPERM, EACCES) or it knows no such door (ENOSYS). So the control can run as root and still do no harm.
"""

from __future__ import annotations

from tests.red_team.attack import Attack

_BAD = -1  # no descriptor, no process, no flag: as an argument it means nothing good
# Name → number on x86-64 and arguments.
CALLS: dict[str, tuple[int, ...]] = {
    "add_key": (248, 0, 0, 0, 0, 0),
    "bpf": (321, _BAD, 0, 0),
    "capset": (126, 0, 0),
    "chroot": (161, 0),
    "clock_settime": (227, _BAD, 0),
    "delete_module": (176, 0, 0),
    "fanotify_init": (300, _BAD, 0),
    "finit_module": (313, _BAD, 0, 0),
    "fsopen": (430, 0, _BAD),
    "inotify_init1": (294, _BAD),
    "io_uring_setup": (425, 0, 0),
    "ioperm": (173, 2**40, 2**40, 1),
    "iopl": (172, 99),
    "kcmp": (312, _BAD, _BAD, _BAD, 0, 0),
    "keyctl": (250, _BAD, 0, 0, 0, 0),
    "landlock_create_ruleset": (444, 0, 0, _BAD),
    "mbind": (237, 1, 1, _BAD, 0, 0, _BAD),
    "memfd_create": (319, 0, 0),
    "mknod": (133, 0, 0, 0),
    "mount": (165, 0, 0, 0, 0, 0),
    "mount_setattr": (442, _BAD, 0, _BAD, 0, 0),
    "move_mount": (429, _BAD, 0, _BAD, 0, _BAD),
    "move_pages": (279, _BAD, 1, 0, 0, 0, _BAD),
    "mq_open": (240, 0, 0, 0, 0),
    "msgget": (68, 2**30 + 7, 0),
    "name_to_handle_at": (303, _BAD, 0, 0, 0, _BAD),
    "open_by_handle_at": (304, _BAD, 0, 0),
    "open_tree": (428, _BAD, 0, _BAD),
    "perf_event_open": (298, 0, 0, 0, 0, 0),
    "pidfd_open": (434, _BAD, 0),
    "pivot_root": (155, 0, 0),
    "process_madvise": (440, _BAD, 0, 0, 0, _BAD),
    "process_vm_writev": (311, _BAD, 0, 0, 0, 0, _BAD),
    "ptrace": (101, 0x4206, _BAD, 0, 0),
    "quotactl": (179, _BAD, 0, 0, 0),
    "reboot": (169, 0, 0, 0, 0),
    "request_key": (249, 0, 0, 0, 0),
    "rt_sigqueueinfo": (129, _BAD, 64, 0),
    "sched_setscheduler": (144, _BAD, 0, 0),
    "seccomp": (317, 99, _BAD, 0),
    "semget": (64, 2**30 + 7, 0, 0),
    "set_mempolicy": (238, _BAD, 0, 0),
    "setdomainname": (171, 0, 65),
    "setgroups": (116, 65_537, 0),
    "sethostname": (170, 0, 65),
    "setns": (308, _BAD, 0),
    "setpriority": (141, 99, 0, 0),
    "setresuid": (117, _BAD, _BAD, _BAD),
    "settimeofday": (164, 1, 0),
    "shmget": (29, 2**30 + 7, 0, 0),
    "socket": (41, 999, 0, 0),
    "splice": (275, _BAD, 0, _BAD, 0, 1, 0),
    "swapoff": (168, 0),
    "swapon": (167, 0, 0),
    "syslog": (103, _BAD, 0, 0),
    "timer_create": (222, 99, 1, 1),
    "umount2": (166, 0, _BAD),
    "unshare": (272, 1),
    "userfaultfd": (323, _BAD),
    "utimensat": (280, _BAD, 0, 1, 0),
    "vmsplice": (278, _BAD, 0, 0, 0),
}

_KNOCK = """
import ctypes, errno
CALLS = {calls!r}
SHUT = (errno.EPERM, errno.EACCES, errno.ENOSYS)
def attack(aim):
    libc, opened = ctypes.CDLL(None, use_errno=True), []
    for name, numbers in CALLS.items():
        ctypes.set_errno(0)
        result = libc.syscall(*(ctypes.c_long(n) for n in numbers))
        if result != -1 or ctypes.get_errno() not in SHUT:
            opened.append(name)
    return {wanted}
"""
SHUT_DOORS = Attack(  # for the control: all but a few are open where nothing shuts them
    "which doors are shut",
    _KNOCK.format(calls=CALLS, wanted="sorted(set(CALLS) - set(opened)) or ['none']"),
    "",
)

ATTACKS = [
    Attack(
        "every privileged door at once",
        _KNOCK.format(calls=CALLS, wanted="opened"),
        "came to nothing",
        core=True,
    ),
    Attack(
        "a call of a foreign architecture",
        """
        import ctypes
        def attack(aim):
            return ctypes.CDLL(None).syscall(0x40000000 + 39) > 0 or "it lives"  # x32's getpid
        """,
        r"signal 31|was ended",
    ),
    Attack(
        "become another user again",
        """
        import os
        def attack(aim):
            os.setresuid(*[os.getuid()] * 3)
            return "allowed to ask"
        """,
        "PermissionError",
    ),
    Attack(
        "be inspected again",
        "import ctypes\ndef attack(aim):\n    return ctypes.CDLL(None).prctl(4, 1, 0, 0, 0) == 0",
        "came to nothing",
    ),
    Attack(
        "raise its own limits",
        """
        import resource
        def attack(aim):
            raised = []
            for name in ("RLIMIT_NOFILE", "RLIMIT_DATA", "RLIMIT_FSIZE", "RLIMIT_NPROC"):
                number = getattr(resource, name)
                soft, hard = resource.getrlimit(number)
                try:
                    resource.setrlimit(number, (hard, hard + 1 if hard > 0 else hard))
                except (OSError, ValueError):
                    continue
                raised.append(name)
            return raised
        """,
        "came to nothing",
    ),
]
