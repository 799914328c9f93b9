"""Starting processes, and reaching those that run already."""

from __future__ import annotations

from tests.red_team.attack import Attack, same

_REFUSED = r"PermissionError|came to nothing|FileNotFoundError"
_GONE = r"PermissionError|came to nothing|FileNotFoundError|Function not implemented"

STARTING = [
    *same(
        _REFUSED,
        core=True,
        fork="os.fork() or os._exit(0)",
        run_a_program="subprocess.run([sys.executable, '-V'])",
    ),
    *same(
        _REFUSED,
        fork_by_the_C_library="(lambda p: p > 0 or (p == 0 and os._exit(0)))(ctypes.CDLL(None).fork())",
        vfork_by_system_call="(lambda p: p > 0 or (p == 0 and os._exit(0)))(ctypes.CDLL(None).syscall(57))",
        clone_without_a_thread="(lambda p: p > 0 or (p == 0 and os._exit(0)))"
        "(ctypes.CDLL(None).syscall(56, 17, 0, 0, 0, 0))",
        spawn="os.posix_spawn('/bin/true', ['true'], {})",
        run_a_shell="os.system('exit 7') == 7 << 8",
        open_a_pipe="os.popen('echo hello').read()",
        replace_itself="os.execv('/usr/bin/touch', ['touch', aim['folder'] + '/executed'])",
        replace_itself_by_descriptor="os.execve(os.open('/usr/bin/touch', 0), "
        "['touch', aim['folder'] + '/executed'], {})",
        a_pool="__import__('multiprocessing').get_context('fork').Pool(1).map(abs, [-1])",
    ),
    Attack(
        "a daemon that outlives its worker",
        """
        import os, time
        def attack(aim):
            if os.fork() == 0:
                os.setsid()
                if os.fork() == 0:
                    open(aim["folder"] + "/daemon", "w").write("alive")
                os._exit(0)
            time.sleep(0.3)
        """,
        _REFUSED,
    ),
    Attack(
        "a fork bomb of twenty",
        """
        import os
        def attack(aim):
            born = 0
            for _ in range(20):
                try:
                    pid = os.fork()
                except OSError:
                    continue
                if pid == 0:
                    os._exit(0)
                born += 1
                os.waitpid(pid, 0)
            return born
        """,
        "came to nothing",
    ),
    Attack(
        "three hundred threads",
        """
        import threading
        def attack(aim):
            done, threads = threading.Event(), []
            try:
                for _ in range(300):
                    threads.append(threading.Thread(target=done.wait, daemon=True))
                    threads[-1].start()
            except (RuntimeError, MemoryError):
                pass
            finally:
                done.set()
            return len(threads) == 300
        """,
        "came to nothing|was killed|crashed",
    ),
]

REACHING = [
    *same(_GONE, core=True, kill_the_bystander="os.kill(aim['victim'], signal.SIGKILL) is None"),
    *same(
        _GONE,
        kill_the_warm_process="os.kill(aim['parent'] or os.getppid(), signal.SIGKILL) is None and os.getppid()",
        kill_everybody="os.kill(aim['everyone'], signal.SIGKILL) is None",
        kill_the_group="os.killpg(aim['parent'] or os.getpgrp(), signal.SIGKILL) is None and 0",
        kill_by_the_C_library="ctypes.CDLL(None).kill(aim['victim'], 9) == 0",
        kill_a_thread="ctypes.CDLL(None).syscall(234, aim['victim'], aim['victim'], 9) == 0",
        kill_by_a_handle="signal.pidfd_send_signal(os.pidfd_open(aim['victim']), signal.SIGKILL) is None",
        stop_the_bystander="os.kill(aim['victim'], signal.SIGSTOP) is None",
        write_its_memory="os.open(f\"/proc/{aim['victim']}/mem\", os.O_RDWR) > 0",
        limit_its_resources="__import__('resource').prlimit(aim['victim'], 4, (0, 0)) != ()",
        bind_it_to_a_core="os.sched_setaffinity(aim['victim'], {0}) is None",
        make_it_slow="os.setpriority(os.PRIO_PROCESS, aim['victim'], 19) is None",
        volunteer_it_for_death="open(f\"/proc/{aim['victim']}/oom_score_adj\", 'w').write('1000')",
        copy_its_descriptor="ctypes.CDLL(None).syscall(438, os.pidfd_open(aim['victim']), 1, 0) >= 0",
    ),
    Attack(
        "trace the bystander",
        """
        import ctypes, os
        def attack(aim):
            libc, pid = ctypes.CDLL(None), aim["victim"]
            if libc.ptrace(0x4206, pid, 0, 0) != 0:  # PTRACE_SEIZE
                return None
            libc.ptrace(0x4207, pid, 0, 0)
            os.waitpid(pid, 0x40000000)
            return libc.ptrace(17, pid, 0, 0) == 0  # and let it go again
        """,
        "came to nothing",
    ),
    Attack(
        "read the bystander's memory",
        """
        import ctypes
        def attack(aim):
            libc = ctypes.CDLL(None, use_errno=True)
            buffer = ctypes.create_string_buffer(8)
            class Vector(ctypes.Structure):
                _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]
            here, there = Vector(ctypes.addressof(buffer), 8), Vector(1, 8)
            libc.process_vm_readv(aim["victim"], ctypes.byref(here), 1, ctypes.byref(there), 1, 0)
            return ctypes.get_errno() == 14  # EFAULT: the address was wrong, the right was there
        """,
        "came to nothing",
    ),
    Attack(
        "let the kernel send its signals",
        """
        import fcntl, os, signal, struct, time
        def attack(aim):
            ours, theirs = os.pipe()
            fcntl.fcntl(ours, fcntl.F_SETOWN, aim["victim"])
            fcntl.fcntl(ours, 10, signal.SIGKILL)  # F_SETSIG
            fcntl.fcntl(ours, fcntl.F_SETFL, os.O_ASYNC)
            os.write(theirs, b"x")
            time.sleep(0.1)
        """,
        _REFUSED,
    ),
]

ATTACKS = [*STARTING, *REACHING]
