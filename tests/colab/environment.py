"""An environment with Colab's packages: what is in it, what pip adds, and a kernel to run notebooks on."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
COLAB = REPOSITORY / ".colab"
CONSTRAINTS = REPOSITORY / "assets" / "colab" / "constraints.txt"
MISSING = "no environment like Colab's here; make colab builds it"

_VERSIONS = (
    "import importlib.metadata as m, json, re;"
    "print(json.dumps({re.sub(r'[-_.]+', '-', d.name).lower(): d.version for d in m.distributions()}))"
)


@dataclass(frozen=True)
class Environment:
    """A virtual environment that tests may change: Colab's files by hard links, so it costs no space."""

    folder: Path

    @classmethod
    def copied(cls, folder: Path) -> Environment:
        """A copy of .colab/. pip puts new files in place of old ones, so the original keeps its own."""
        shutil.copytree(COLAB, folder, symlinks=True, copy_function=_link, ignore=_not_colabs_own)
        return cls(folder)

    @property
    def python(self) -> Path:
        """Its interpreter. The scripts beside it still name the original: use `python -m`."""
        return self.folder / "bin" / "python"

    @property
    def packages(self) -> Path:
        """Its site-packages."""
        (found,) = (self.folder / "lib").glob("python3.*/site-packages")
        return found

    def run(self, *arguments: str | Path, **options: object) -> subprocess.CompletedProcess[str]:
        """Run its Python, without anything of ours on the path."""
        environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
        command = [str(self.python), *map(str, arguments)]
        return subprocess.run(  # type: ignore[call-overload,no-any-return]
            command, env=environment, capture_output=True, text=True, cwd=self.folder, **options
        )

    def pip(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        """Run its pip."""
        return self.run("-m", "pip", "--disable-pip-version-check", *arguments)

    def add(self, folder: Path) -> None:
        """Put packages of pure Python from a folder into it, without pip and network."""
        shutil.copytree(folder, self.packages, dirs_exist_ok=True)

    def versions(self) -> dict[str, str]:
        """Every installed distribution, by its normalised name."""
        done = self.run("-c", _VERSIONS, check=True)
        found: dict[str, str] = json.loads(done.stdout)
        return found

    def kernel(self, folder: Path) -> dict[str, str]:
        """Environment variables with which Jupyter's kernel `colab` is this environment's ipykernel."""
        spec = {
            "argv": [str(self.python), "-m", "ipykernel_launcher", "-f", "{connection_file}"],
            "display_name": "Colab",
            "language": "python",
        }
        place = folder / "kernels" / "colab" / "kernel.json"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(json.dumps(spec), encoding="utf-8")
        return {"JUPYTER_PATH": str(folder)}


def pins() -> dict[str, str]:
    """Colab's own list: versions by normalised names."""
    lines = CONSTRAINTS.read_text(encoding="utf-8").splitlines()
    pairs = (line.split("==") for line in lines if line and not line.startswith("#"))
    return {normalised(name): version for name, version in pairs}


def normalised(name: str) -> str:
    """A distribution's name as pip compares it."""
    return name.replace("_", "-").replace(".", "-").lower()


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # another file system
        shutil.copy2(source, target)


def _not_colabs_own(folder: str, names: list[str]) -> list[str]:
    """What the wheel brings is not Colab's: it lies beside its packages, for the browser tests."""
    return [name for name in ("additions", ".installed") if Path(folder) == COLAB and name in names]
