"""The few files that a release has of its own: README, pyproject.toml, requirements.txt."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from string import Template
from typing import Any

from autograder.catalogue import from_json
from autograder.release.contents import Contents, ReleaseError
from autograder.settings import Settings

_TABLE = re.compile(r"^\[+(?P<name>[\w.-]+)\]+\s*(#.*)?$")
_KEPT_TABLES = ("build-system", "project")
_WHEEL = """
[tool.hatch.build.targets.wheel]
packages = ["course_lib", "autograder"]
ignore-vcs = true  # what is installed does not depend on where the folder lies

[tool.hatch.build.targets.wheel.force-include]
"assets/data" = "course_lib/_assets/data"
"assets/references" = "course_lib/_assets/references"
"assets/manifest.toml" = "course_lib/_assets/manifest.toml"
"""


def project_files(root: Path, settings: Settings, contents: Contents) -> dict[str, str]:
    """Name → text of the files that are written for students instead of copied."""
    pyproject = (root / "pyproject.toml").read_text(encoding="utf-8")
    requirements = (root / "requirements.txt").read_text(encoding="utf-8")
    return {
        "README.md": _readme(root, settings, contents),
        "pyproject.toml": student_pyproject(pyproject),
        "requirements.txt": student_requirements(requirements, pyproject),
    }


def student_pyproject(text: str) -> str:
    """The build and project tables as they are; the tools of developers left out."""
    kept: list[str] = []
    keeping = False
    for line in text.splitlines():
        table = _TABLE.match(line)
        if table is not None:
            keeping = table["name"].split(".")[0] in _KEPT_TABLES
        if keeping:
            kept.append(line)
    result = "\n".join(kept).rstrip() + "\n" + _WHEEL
    before, after = tomllib.loads(text), tomllib.loads(result)
    if any(before.get(table) != after.get(table) for table in _KEPT_TABLES):
        raise ReleaseError(
            "pyproject.toml: its tables [build-system] and [project] cannot be told from the others; "
            "begin each table's header at the start of a line"
        )
    return result


def student_requirements(requirements: str, pyproject: str) -> str:
    """The pinned versions of what the package itself depends on."""
    project: dict[str, Any] = tomllib.loads(pyproject)["project"]
    wanted = {_plain_name(requirement) for requirement in project["dependencies"]}
    pins = [
        line
        for line in requirements.splitlines()
        if line.strip() and not line.startswith(("#", "-")) and _plain_name(line) in wanted
    ]
    head = "# The versions that the course was tried with. Colab has its own; they work as well."
    return "\n".join([head, *pins]) + "\n"


def _plain_name(requirement: str) -> str:
    name = re.match(r"[\w.-]+", requirement.strip())
    return re.sub(r"[-_.]+", "-", name[0]).lower() if name else ""


def _readme(root: Path, settings: Settings, contents: Contents) -> str:
    template = Path(__file__).with_name("student_readme.md").read_text(encoding="utf-8")
    release = settings.release
    rows = []
    for name in contents.notebooks:
        path = root / "autograder" / "catalogue" / f"{name}.json"
        title = from_json(path.read_text(encoding="utf-8")).title
        colab = (
            f"https://colab.research.google.com/github/{release.repository}/blob/{release.branch}"
        )
        assignment = settings.assignment_of(name)
        due = f"{assignment.due:%Y-%m-%d %H:%M}" if assignment and assignment.due else ""
        rows.append(f"| {title} | [open in Colab]({colab}/notebooks/{name}.ipynb) | {due} |")
    return Template(template).substitute(
        title=settings.course.title,
        version=settings.course.version,
        notebooks="\n".join(rows),
        newest=contents.notebooks[-1],
    )
