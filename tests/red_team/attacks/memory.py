"""More memory, disk or kernel objects than a submission is given. Each asks for about twice its share, then ends."""

from __future__ import annotations

from tests.red_team.attack import Attack, same

_ENOUGH = 200 * 2**20  # the campaign's limit is 150 MB
_DENIED = (
    r"FileNotFoundError|MemoryError|can't allocate memory|cannot allocate|OSError|PermissionError|"
    r"was killed|came to nothing"
)

_MAPPINGS = """
import ctypes, mmap, os, time
libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t] + [ctypes.c_int] * 3 + [ctypes.c_long]
FAILED = ctypes.c_void_p(-1).value
LENGTH = ENOUGH
PRIVATE, SHARED, ANONYMOUS, DOWN, LAZY = 2, 1, 0x20, 0x100, 0x4000
def fill(protection, flags, length=LENGTH, file=-1):
    address = libc.mmap(None, length, protection, flags, file, 0)
    if address == FAILED:
        raise OSError(ctypes.get_errno(), "mmap")
    return address
""".replace("ENOUGH", str(_ENOUGH))


def _mapping(name: str, body: str) -> Attack:
    return Attack(name, f"{_MAPPINGS}\ndef attack(aim):\n    {body}", _DENIED)


ATTACKS = [
    *same(_DENIED, core=True, a_tensor=f"torch.ones({_ENOUGH // 4}).numel()"),
    *same(
        _DENIED,
        bytes=f"len(bytearray({_ENOUGH}))",
        a_growing_list=f"sum(map(len, [bytearray(2**24) for _ in range({_ENOUGH // 2**24})]))",
        shared_memory=f"mmap.mmap(-1, {_ENOUGH}).write(b'x' * 2**20)",
        a_memory_file=f"os.posix_fallocate(os.memfd_create('x'), 0, {_ENOUGH}) is None",
        a_secret_memory_file="ctypes.CDLL(None).syscall(447, 0) >= 0",
        the_zero_device=f"mmap.mmap(os.open('/dev/zero', os.O_RDWR), {_ENOUGH}).write(b'x')",
        system_V_memory=f"(lambda n: n >= 0 and ctypes.CDLL(None).shmctl(n, 0, None) == 0)"
        f"(ctypes.CDLL(None).shmget(0, {_ENOUGH}, 0o1600))",
        the_C_heap=f"ctypes.CDLL(None).malloc({_ENOUGH}) != 0",
        the_break=f"ctypes.CDLL(None).sbrk({_ENOUGH}) != -1",
    ),
    _mapping("private pages", "return ctypes.memset(fill(3, PRIVATE | ANONYMOUS), 1, LENGTH) > 0"),
    _mapping("pages without a promise", "return fill(3, PRIVATE | ANONYMOUS | LAZY) > 0"),
    _mapping("a mapping that grows downwards", "return fill(3, PRIVATE | ANONYMOUS | DOWN) > 0"),
    _mapping(
        "pages made writable afterwards",
        "return libc.mprotect(ctypes.c_void_p(fill(1, PRIVATE | ANONYMOUS)), ctypes.c_size_t(LENGTH), 3) == 0",
    ),
    _mapping(
        "page tables of a space that is only read",
        "return fill(1, PRIVATE | ANONYMOUS | LAZY, 2**40) > 0",
    ),
    Attack(
        "stacks of threads",
        """
        import threading
        def attack(aim):
            threading.stack_size(2**28)
            done, threads = threading.Event(), []
            for _ in range(4):
                threads.append(threading.Thread(target=done.wait, daemon=True))
                threads[-1].start()
            done.set()
            return len(threads)
        """,
        r"can't start new thread|MemoryError|was killed",
    ),
    Attack(
        "large files in scratch space",
        """
        import os
        def attack(aim):
            size = 0
            for place in (os.environ.get("TMPDIR", "/tmp"), "/dev/shm"):
                path = os.path.join(place, aim["message"])
                try:
                    with open(path, "wb") as file:
                        for _ in range(64):
                            size += file.write(bytes(2**20))
                except OSError:
                    pass
            return size > 100 * 2**20
        """,
        "came to nothing",
        core=True,
    ),
    Attack(
        "more files than anyone needs",
        """
        import os, shutil
        def attack(aim):
            folder = os.path.join(os.environ.get("TMPDIR", "/tmp"), aim["message"] + "-many")
            os.makedirs(folder, exist_ok=True)
            try:
                for number in range(2500):
                    open(f"{folder}/{number}", "w").close()
            finally:
                shutil.rmtree(folder, ignore_errors=True)
            return "files without number"
        """,
        "OSError|PermissionError",
    ),
    Attack(
        "more descriptors than anyone needs",
        """
        import os
        def attack(aim):
            held = []
            try:
                for _ in range(500):
                    held.append(os.dup(1))
            finally:
                for number in held:
                    os.close(number)
            return len(held)
        """,
        "OSError: .*Too many open files",
    ),
]
