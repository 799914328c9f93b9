"""What attackers aim at: files, processes and listeners made for the purpose, and whether any of them was touched."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import socket
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
_VICTIM = "import os, time; secret = os.environ['TOKEN'] * 2; print(flush=True); time.sleep(600)"


class Ground:
    """A folder of canaries, a bystander process and five listeners.

    `harmless`: the layers are off, so dangerous aims (every process, the warm process, real libraries) are
    replaced by the bystander and a canary.
    """

    def __init__(self, folder: Path, harmless: bool) -> None:
        self.token = secrets.token_hex(12)
        self._harmless = harmless
        self._folder = folder / f"ground-{secrets.token_hex(4)}"
        self._key = secrets.randbelow(2**30) + 1
        self._plant()
        self._victim = self._start_victim()
        self._tcp = socket.create_server(("127.0.0.1", 0))
        self._udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._udp.bind(("127.0.0.1", 0))
        self._unix = socket.socket(socket.AF_UNIX)
        self._unix.bind(str(self._folder / "listener"))
        self._unix.listen()
        self._datagram = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._datagram.bind(str(self._folder / "datagrams"))
        for path in ("listener", "datagrams"):
            (self._folder / path).chmod(0o777)
        self._abstract = socket.socket(socket.AF_UNIX)
        self._abstract.bind(f"\0{self.token[:8]}")
        self._abstract.listen()
        self._mailboxes = (self._udp, self._datagram)
        self._listeners = (self._tcp, self._unix, self._abstract, *self._mailboxes)
        for listener in self._listeners:
            listener.setblocking(False)
        self._planted = self.fingerprint()

    def _plant(self) -> None:
        """Readable and writable for everybody but the secret, so that only the box protects them."""
        results = self._folder / "results"
        results.mkdir(parents=True)
        for path, text, mode in (
            (self._folder / "references.bin", self.token, 0o600),
            (self._folder / "notes.txt", self.token, 0o666),
            (self._folder / "library.py", "x = 1\n", 0o666),
            (results / "honest.json", '{"points": 4}', 0o666),
        ):
            path.write_text(text)
            path.chmod(mode)
        os.symlink("notes.txt", self._folder / "link")
        (self._folder / "empty").mkdir()
        for folder in (results, self._folder / "empty", self._folder):
            folder.chmod(0o777)

    def _start_victim(self) -> subprocess.Popen[bytes]:
        victim = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", _VICTIM],
            env={"TOKEN": self.token},
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        assert victim.stdout is not None
        victim.stdout.readline()
        return victim

    def aim(self) -> dict[str, Any]:
        """Where everything is, for the hostile source. It does not hold the token."""
        library = Path(sysconfig.get_path("purelib")) / "torch" / "version.py"
        victim = self._victim.pid
        return {
            "folder": str(self._folder),
            "home": str(REPOSITORY),
            "secret": str(self._folder / "references.bin"),
            "notes": str(self._folder / "notes.txt"),
            "result": str(self._folder / "results" / "honest.json"),
            "library": str(self._folder / "library.py" if self._harmless else library),
            "victim": victim,
            "parent": victim if self._harmless else 0,  # 0: whatever os.getppid() says
            "everyone": victim if self._harmless else -1,
            "tcp": self._tcp.getsockname()[1],
            "udp": self._udp.getsockname()[1],
            "unix": str(self._folder / "listener"),
            "datagram": str(self._folder / "datagrams"),
            "abstract": "\0" + self.token[:8],
            "message": f"red-team-{self._key}",  # a file name in /tmp or /dev/shm
            "key": self._key,  # of System V objects
        }

    def fingerprint(self) -> str:
        """A hash of every canary's name, mode, time and content, and of a real library file's."""
        digest = hashlib.sha256()
        library = Path(sysconfig.get_path("purelib")) / "torch" / "version.py"
        for path in (library, *sorted(self._folder.rglob("*")), self._folder):
            state = path.lstat()
            digest.update(f"{path} {state.st_mode} {state.st_mtime_ns} {state.st_uid}".encode())
            if path.is_file() and not path.is_symlink():
                digest.update(path.read_bytes())
        return digest.hexdigest()

    def damage(self) -> list[str]:
        """What was touched, in words."""
        found = [] if self.fingerprint() == self._planted else ["a file outside was changed"]
        if self._victim.poll() is not None:
            found.append("the bystander was killed")
        elif _state(self._victim.pid) not in "SR":
            found.append("the bystander was stopped")
        for listener in self._listeners:
            try:
                listener.recv(100) if listener in self._mailboxes else listener.accept()
            except BlockingIOError:
                continue
            found.append("a listener outside heard something")
        return found

    def clear(self) -> None:
        """Close and remove everything, also what an attack with the layers off has left behind."""
        for listener in self._listeners:
            listener.close()
        self._victim.kill()
        self._victim.wait()
        assert self._victim.stdout is not None
        self._victim.stdout.close()
        shutil.rmtree(self._folder, ignore_errors=True)
        for folder in ("/tmp", "/dev/shm"):
            Path(folder, f"red-team-{self._key}").unlink(missing_ok=True)
        subprocess.run(
            ["ipcrm", "-M", str(self._key), "-Q", str(self._key), "-S", str(self._key)],
            stderr=subprocess.DEVNULL,
            check=False,
        )


def _state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()[0]


def family(pid: int) -> set[int]:
    """A process and everything below it that is alive."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                text = (entry / "stat").read_text(
                    errors="replace"
                )  # a process may call itself anything
                state, parent = text.rpartition(")")[2].split()[:2]
            except OSError:
                continue
            if state != "Z":
                parents[int(entry.name)] = int(parent)
    found = {pid} & parents.keys()
    while more := {p for p, parent in parents.items() if parent in found} - found:
        found |= more
    return found
