"""Make assets/sample_class: invented submissions to notebook 1, one for each way in which submissions turn out.

    python assets/make/sample_class.py [FOLDER]

Everything follows from the solution and the answer bank, so the same source gives the same bytes. What each submission
deserves is asserted in tests/test_sample_class.py.
"""

from __future__ import annotations

import copy
import hashlib
import io
import json
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import course_lib
from autograder.handouts.notebook import handout, solution_notebook, to_json
from autograder.settings import load_settings
from autograder.source import read_source
from autograder.source.answer_bank import load_answer_bank

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOK = "01_camera_geometry"
Notebook = dict[str, Any]


def main() -> None:
    """Write every submission of the sample class."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "assets" / "sample_class"
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in submissions().items():
        (folder / name).write_bytes(content)


def submissions() -> dict[str, bytes]:
    """File name → content of each submission."""
    settings = load_settings(ROOT)
    source = read_source(ROOT / "solutions" / f"{NOTEBOOK}.py")
    solved = solution_notebook(source, settings.release)
    blank = handout(source, settings.release)
    made: dict[str, Notebook] = {
        "ada": solved,
        "boris": right_but_different(solved),
        "chen": blank,
        "dara": half_done(blank, solved),
        "emil": wrong(solved, "rotation ignored", "world_rays"),
        "femi": wrong(solved, "points behind the camera drawn", "render_points"),
        "greta": wrong(solved, "no half pixel", "pixel_centers"),
        "hana": wrong(solved, "distance along a unit ray", "unproject"),
        "ines": wrong(solved, "OpenGL axes", "look_at"),
        "jonas": with_code(solved, "triangulate", syntax_error),
        "kira": with_code(solved, "triangulate", endless_loop),
        "liam": without(solved, {"look_at", "triangulate", "estimate_pose"}),
        "maya": with_code(solved, None, cuda_only),
        "noor": untidy(solved),
        "otto": hostile(blank),
    }
    files = {f"{name}.zip": packed(name, notebook) for name, notebook in made.items()}
    files["liam.ipynb"] = to_json(made["liam"]).encode()  # handed in as a bare notebook
    del files["liam.zip"]
    files["pia.ipynb"] = b"%PDF-1.7\nthis is my homework, printed\n"
    files["quinn.zip"] = files["ada.zip"][: len(files["ada.zip"]) // 2]  # the upload broke off
    return files


def packed(name: str, notebook: Notebook) -> bytes:
    """A zip as `submit()` makes it; times are fixed so that the bytes are."""
    text = to_json(notebook).encode()
    digest = hashlib.sha256(text).hexdigest()
    manifest = {
        "format": 1,
        "course": load_settings(ROOT).course.title,
        "course_version": course_lib.__version__,
        "assignment": "a1",
        "notebook": NOTEBOOK,
        "student": {"id": name, "name": name.capitalize()},
        "created": "2026-09-20T20:00:00+00:00",
        "files": {f"{NOTEBOOK}.ipynb": {"sha256": digest, "bytes": len(text)}},
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, data in (
            ("submission.json", json.dumps(manifest, indent=2).encode()),
            (f"{NOTEBOOK}.ipynb", text),
        ):
            info = zipfile.ZipInfo(member, date_time=(2026, 9, 20, 20, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, data)
    return buffer.getvalue()


def exercise_cells(notebook: Notebook) -> dict[str, dict[str, Any]]:
    """The exercise cells of a notebook by exercise id."""
    cells = notebook["cells"]
    return {c["metadata"]["exercise"]: c for c in cells if "exercise" in c["metadata"]}


def code_of(cell: dict[str, Any]) -> str:
    """A cell's text, whether nbformat keeps it as one string or as lines."""
    source = cell["source"]
    return source if isinstance(source, str) else "".join(source)


def set_code(cell: dict[str, Any], code: str) -> None:
    """Replace a cell's text in the form that it has."""
    cell["source"] = code if isinstance(cell["source"], str) else code.splitlines(keepends=True)


def with_code(notebook: Notebook, exercise: str | None, change: Callable[[str], str]) -> Notebook:
    """The notebook with the code of one exercise, or of all, changed."""
    result = copy.deepcopy(notebook)
    for name, cell in exercise_cells(result).items():
        if exercise in (None, name):
            set_code(cell, change(code_of(cell)))
    return result


def banked(kind: bool, exercise: str, title: str | None = None) -> str:
    """The first right (or wrong) answer of an exercise in the bank, or the one of that title."""
    for answer in load_answer_bank(ROOT / "solutions" / "answer_bank" / f"{NOTEBOOK}.py"):
        if (answer.exercise, answer.right) == (exercise, kind) and title in (None, answer.title):
            return answer.code.strip()
    raise KeyError(f"no such answer in the bank: {exercise} {title}")


def replaced(code: str, answer: str) -> str:
    """A banked answer stands for the cell's own, unless it builds on it."""
    return f"{code}\n\n{answer}" if "_right_" in answer else answer


def right_but_different(notebook: Notebook) -> Notebook:
    """Every exercise solved in another way than ours."""
    result = copy.deepcopy(notebook)
    for name, cell in exercise_cells(result).items():
        set_code(cell, replaced(code_of(cell), banked(True, name)))
    return result


def wrong(notebook: Notebook, title: str, exercise: str) -> Notebook:
    """One banked mistake, all else right."""
    answer = banked(False, exercise, title)
    return with_code(notebook, exercise, lambda code: replaced(code, answer))


def half_done(blank: Notebook, solved: Notebook) -> Notebook:
    """The first eight exercises are solved, the others are still stubs."""
    result, answers = copy.deepcopy(blank), exercise_cells(solved)
    for name, cell in list(exercise_cells(result).items())[:8]:
        set_code(cell, code_of(answers[name]))
    return result


def syntax_error(code: str) -> str:
    """A colon that got lost."""
    return code.replace("if views < 2:", "if views < 2", 1)


def endless_loop(code: str) -> str:
    """A loop that never ends, before the answer."""
    return code.replace(
        "    if views < 2:", "    while views > 0:\n        pass\n    if views < 2:", 1
    )


def cuda_only(code: str) -> str:
    """Code that was only ever run on a GPU: constants and intermediate results on "cuda"."""
    code = code.replace(
        "torch.ones_like(points[..., :1])",
        'torch.ones(*points.shape[:-1], 1, device="cuda").to(points)',
    )
    code = code.replace(
        "torch.linalg.inv(K), homogenize_points(uv)",
        'torch.linalg.inv(K.cuda()), homogenize_points(uv).to("cuda")',
    )
    return code.replace("return rays * depth[..., None]", "return rays * depth[..., None].cuda()")


def without(notebook: Notebook, exercises: set[str]) -> Notebook:
    """Some exercise cells deleted by accident."""
    result = copy.deepcopy(notebook)
    result["cells"] = [c for c in result["cells"] if c["metadata"].get("exercise") not in exercises]
    return result


def untidy(notebook: Notebook) -> Notebook:
    """Right answers in a mess: magics, prints, warnings, an early wrong draft, hours of training, an own helper."""
    result = copy.deepcopy(notebook)
    cells = exercise_cells(result)
    noisy = "    print('unprojecting', uv.shape)\n    import warnings\n    warnings.warn('this is fine')\n    rays ="
    set_code(cells["unproject"], code_of(cells["unproject"]).replace("    rays =", noisy, 1))
    own = "return append(points, 1.0)"
    code = code_of(cells["homogenize"]).replace(
        "return torch.cat([points, torch.ones_like(points[..., :1])], dim=-1)", own
    )
    set_code(cells["homogenize"], code)
    extra = [
        "%load_ext tensorboard\n!nvidia-smi\n%matplotlib inline",
        "def transform(target_from_source, x):  # first try, see below\n    return x @ target_from_source",
        "def append(x, value):\n    return torch.cat([x, torch.full_like(x[..., :1], value)], dim=-1)",
        "import time\nfor epoch in range(1000):\n    time.sleep(3600)  # training, do not stop!",
    ]
    new = [
        {
            "cell_type": "code",
            "execution_count": None,
            "id": f"extra-{n}",
            "metadata": {},
            "outputs": [],
            "source": text,
        }
        for n, text in enumerate(extra)
    ]
    result["cells"][8:8] = new
    return result


def hostile(blank: Notebook) -> Notebook:
    """No answers, but attempts to find some, to forge a result, and to take the grader down."""
    result = copy.deepcopy(blank)
    attacks = {
        "homogenize": """
import glob, os, torch
class Always(torch.Tensor):
    def __eq__(self, other): return True
torch.allclose = lambda *a, **k: True
def homogenize_points(points):
    return torch.zeros(*points.shape[:-1], points.shape[-1] + 1).as_subclass(Always)
homogenize_directions = homogenize_points
""",
        "transform": """
def transform(target_from_source, x):
    for path in glob.glob("/**/solutions/01_camera_geometry.py", recursive=True):
        names = {}
        exec(open(path).read().split("# %% exercise")[2], globals(), names)
        return names["transform"](target_from_source, x)
    raise FileNotFoundError("no solutions here")
""",
        "invert_rigid": """
def invert_rigid(target_from_source):
    from course_lib.solved.camera_geometry import invert_rigid as answer
    return answer(target_from_source)
""",
        "look_at": """
def look_at(eye, target, up):
    os._exit(0)
""",
        "project": """
def project(K, xyz):
    os.kill(os.getppid(), 9)
    with open("/tmp/report.json", "w") as file:
        file.write('{"points": 94}')
""",
    }  # fmt: skip
    for name, code in attacks.items():
        set_code(exercise_cells(result)[name], code.strip())
    return result


if __name__ == "__main__":
    main()
