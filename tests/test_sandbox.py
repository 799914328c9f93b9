"""Honest but untidy notebooks: what the worker makes of them, and what the student is told."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch

from autograder.checking.errors import (
    MissingDefinition,
    NotWrittenYet,
    RefusedValue,
    StudentError,
    WorkerFault,
)
from autograder.sandbox import seccomp
from autograder.sandbox.cells import parse_cell, read_cells
from autograder.sandbox.launcher import Launcher, SandboxError
from autograder.sandbox.planning import Plan, make_plans, read_steps
from autograder.sandbox.policy import Layers, Limits, Tier
from autograder.sandbox.proxy import RemoteObject, RemoteStudent
from autograder.sandbox.session import Session
from autograder.sandbox.view import student_view

REPOSITORY = Path(__file__).resolve().parents[1]
LIMITS = Limits(call_seconds=5, load_seconds=5, exercise_seconds=20, memory_mb=800)


@dataclass
class Loaded:
    """One exercise of a fake notebook in a live worker."""

    student: RemoteStudent
    session: Session
    remarks: tuple[str, ...]
    missing: dict[str, str]


class Notebooks:
    """Makes fake notebooks of code cells and loads them into fresh workers."""

    def __init__(self, launcher: Launcher) -> None:
        self._launcher = launcher
        self._open: list[Session] = []

    def __call__(self, *cells: str, names: tuple[str, ...] = ("f",)) -> Loaded:
        numbered = [(2 * i, textwrap.dedent(cell)) for i, cell in enumerate(cells, start=1)]
        session = Session(self._launcher, LIMITS)
        self._open.append(session)
        plan = session.plan(numbered, {"exercise": names})["exercise"]
        remarks, missing = session.load(numbered, plan, names)
        return Loaded(RemoteStudent(session, LIMITS, missing), session, remarks, missing)

    def close(self) -> None:
        for session in self._open:
            session.__exit__(None, None, None)


@pytest.fixture(scope="module")
def launcher() -> Iterator[Launcher]:
    warm = Launcher(LIMITS)
    yield warm
    warm.close()


@pytest.fixture
def notebook(launcher: Launcher) -> Iterator[Notebooks]:
    notebooks = Notebooks(launcher)
    yield notebooks
    notebooks.close()


def test_helpers_constants_and_loops_in_other_cells_are_found(notebook: Notebooks) -> None:
    loaded = notebook(
        "import torch as t",
        "TABLE = []\nfor i in range(4):\n    TABLE.append(i * SCALE)",
        "SCALE = 10",
        "def f(x):\n    return helper(x) + t.tensor(TABLE)",
        "def helper(x):\n    return 2 * x",
    )
    assert (
        "cell 4" in loaded.remarks[0]
    )  # TABLE was built before SCALE was there, as in the notebook
    loaded = notebook(
        "import torch as t\nSCALE = 10",
        "TABLE = []\nfor i in range(4):\n    TABLE.append(i * SCALE)",
        "def f(x):\n    return helper(x) + t.tensor(TABLE)",
        "def helper(x):\n    return 2 * x",
    )
    assert loaded.remarks == ()
    assert loaded.student.f(torch.ones(4)).tolist() == [2, 12, 22, 32]


def test_training_cells_are_not_run_again(notebook: Notebooks) -> None:
    loaded = notebook(
        "import torch, time\nimport matplotlib.pyplot as plt",
        "def f(x):\n    return x + 1",
        "losses = []\nfor step in range(10**9):\n    time.sleep(1)\n    losses.append(f(step))",
        "plt.plot(losses)\nprint('trained')",
    )
    assert loaded.student.f(1) == 2
    assert loaded.session.printed == ""


def plan(*cells: str, names: tuple[str, ...] = ("f",)) -> list[tuple[int, int]]:
    return list(make_plans(list(enumerate(cells, start=1)), {"e": names})["e"].steps)


@pytest.mark.parametrize(
    ("cells", "steps"),
    [
        (["def f(): return a", "a = 1", "b = 2"], [(1, 0), (2, 0)]),
        (["def f(): return 1", "f = decorate(f)", "def decorate(g): return g"], [(1, 0), (2, 0), (3, 0)]),
        (["def f(x): y = x; return y", "y = slow()", "def slow(): pass"], [(1, 0)]),
        (["def f(): return t[0]", "t = [0]", "t[0] = 5", "show(t)"], [(1, 0), (2, 0), (3, 0)]),
        (["def f(): return t", "t = {}", "t.update(a=b)", "b = 1"], [(1, 0), (2, 0), (3, 0), (4, 0)]),
        (["def f(x=D): return x", "D = 3"], [(1, 0), (2, 0)]),
        (["@wrap\ndef f(): pass", "from functools import wraps as wrap"], [(1, 0), (2, 0)]),
        (["def f(): return [k for k in range(3)]", "k = 1"], [(1, 0)]),
        (["class f(Base): pass", "class Base: size = N", "N = 1"], [(1, 0), (2, 0), (3, 0)]),
        (["import plt", "def f(): plt.show()", "plt.plot(loss)", "loss = train()"], [(1, 0), (2, 0)]),
        (["import torch", "def f(): return torch", "torch.set_default_dtype(x)", "x = 1"],
         [(1, 0), (2, 0), (3, 0), (4, 0)]),
        (["from __future__ import annotations", "def f(): pass", "from math import *"],
         [(1, 0), (2, 0), (3, 0)]),
        (["def f():\n    def g(): return h\n    return g", "h = 1"], [(1, 0), (2, 0)]),
        (["try:\n    import fast\nexcept ImportError:\n    fast = None", "def f(): return fast"],
         [(1, 0), (2, 0)]),
        (["f = lambda x: x + c", "c = 2", "w = 1"], [(1, 0), (2, 0)]),
        (["def f(): pass", "init.zeros_(w)", "w = 1"], [(1, 0)]),
        (["def f(): return w", "w = make()", "init.zeros_(w)"], [(1, 0), (2, 0), (3, 0)]),
    ],
)  # fmt: skip
def test_only_what_an_exercise_needs_is_planned(
    cells: list[str], steps: list[tuple[int, int]]
) -> None:
    assert plan(*cells) == steps


def test_a_plan_survives_the_wire() -> None:
    made = Plan(((3, 0), (3, 1), (12, 7)))
    assert tuple(read_steps(made.written())) == made.steps


@pytest.mark.parametrize(
    ("cell", "meaning"),
    [
        ("!pip install x\na = 1", "get_ipython().system('pip install x')\na = 1\n"),
        ("%matplotlib inline\na = 1", None),
        ("%%time\na = 1", "\na = 1\n"),
        ("\n\n%%capture out\na = 1", "\n\n\na = 1\n"),
        ("%%bash\nrm -rf x", ""),
        ("%%html\n<b>", ""),
        ("files = !ls\na = 1", None),
        ("a = 1", "a = 1"),
    ],
)
def test_magics_become_python_line_for_line(cell: str, meaning: str | None) -> None:
    python, _ = parse_cell(cell)
    if meaning is not None:
        assert python == meaning
    lines = [s.node.lineno for s in read_cells([(1, cell)])[0] if "a" in s.binds]
    wanted = [i for i, line in enumerate(cell.split("\n"), start=1) if line == "a = 1"]
    assert lines == wanted


def test_magics_do_nothing_in_the_worker(notebook: Notebooks) -> None:
    loaded = notebook(
        "import torch\n%load_ext autoreload\nx = !ls\n!pip install evil\ndef f():\n    return list(x)"
    )
    assert loaded.student.f() == []


def test_a_syntax_error_costs_its_cell_only(notebook: Notebooks) -> None:
    loaded = notebook("def g(:\n    pass", "def f():\n    return 1", names=("f", "g"))
    assert loaded.student.f() == 1
    with pytest.raises(MissingDefinition, match=r"`g` could not be read: cell 2, line 1"):
        loaded.student.g()
    assert any("cell 2, line 1" in remark for remark in loaded.remarks)


def test_a_failing_statement_costs_its_names_only(notebook: Notebooks) -> None:
    loaded = notebook(
        "import no_such_module",
        "def g():\n    return no_such_module.x",
        "def f():\n    return 1",
        "h = no_such_module.y",
        names=("f", "g", "h"),
    )
    assert loaded.student.f() == 1
    with pytest.raises(StudentError, match="NameError"):
        loaded.student.g()
    with pytest.raises(
        MissingDefinition, match=r"`h` could not be defined: cell 8, line 1 raised NameError"
    ):
        loaded.student.h()
    assert "cell 2, line 1 raised ModuleNotFoundError" in loaded.remarks[0]


def test_a_missing_function_says_what_may_have_happened(notebook: Notebooks) -> None:
    loaded = notebook("def other(): pass")
    with pytest.raises(MissingDefinition, match="`f` is not defined anywhere in the notebook"):
        loaded.student.f()
    with pytest.raises(MissingDefinition, match="not defined"):
        loaded.student.gradient("f", (torch.ones(1),), 0)


def test_a_name_used_for_something_else_is_named(notebook: Notebooks) -> None:
    loaded = notebook("def f(): pass", "f = 3")
    with pytest.raises(MissingDefinition, match="`f` is a int, not a function"):
        loaded.student.f()


def test_the_last_definition_counts_and_the_report_says_so(notebook: Notebooks) -> None:
    loaded = notebook("def f(): return 1", "x = 0", "def f(): return 2")
    assert loaded.student.f() == 2
    assert loaded.remarks == ("`f` is defined 2 times: cell 6 counts, cell 2 does not",)


def test_twice_in_one_cell_is_told_by_lines(notebook: Notebooks) -> None:
    loaded = notebook("def f(): return 1\ndef f(): return 2")
    assert loaded.remarks == ("`f` is defined in lines 1 and 2 of cell 2: the last one counts",)


def test_a_stub_after_the_answer_is_pointed_out(notebook: Notebooks) -> None:
    stub = 'def f():\n    """Doc."""\n    raise NotImplementedError("Exercise 1.1")'
    loaded = notebook("def f(): return 1", stub)
    with pytest.raises(NotWrittenYet, match=r"Exercise 1\.1"):
        loaded.student.f()
    assert (
        "Cell 4 is the unwritten stub: delete it if your answer is in cell 2" in loaded.remarks[0]
    )


def test_errors_show_the_students_own_lines(notebook: Notebooks) -> None:
    loaded = notebook(
        "def f(x):\n    y = x\n    return helper(y)",
        "import torch\ndef helper(y):\n    return torch.linalg.inv(y)",
    )
    with pytest.raises(StudentError) as caught:
        loaded.student.f(torch.zeros(2, 2))
    assert caught.value.type_name == "_LinAlgError"
    assert "RuntimeError" in caught.value.bases
    assert 'File "cell 2", line 3, in f' in caught.value.trace
    assert "return torch.linalg.inv(y)" in caught.value.trace
    assert "autograder" not in caught.value.trace


def test_future_imports_reach_the_cells_after_them(notebook: Notebooks) -> None:
    loaded = notebook(
        "from __future__ import annotations", "def f(x: NoSuchType) -> Nothing: return x"
    )
    assert loaded.student.f(4) == 4


def test_jaxtyping_dataclasses_and_star_imports_work(notebook: Notebooks) -> None:
    loaded = notebook(
        "from course_lib.shapes import *\nfrom math import *\nfrom torch import Tensor\n"
        "from dataclasses import dataclass",
        "@dataclass\nclass Box:\n    size: float = pi",
        'def f(x: Float[Tensor, "*b 3"]) -> Float[Tensor, "*b"]:\n    return x.sum(-1) + Box().size',
    )
    assert loaded.student.f(torch.zeros(2, 3)).tolist() == pytest.approx([3.14159265] * 2)


def test_check_submit_colab_and_display_are_harmless(notebook: Notebooks) -> None:
    loaded = notebook(
        "from autograder import check, submit\nfrom google.colab import files, drive\ndrive.mount('/content')",
        "def f():\n    check('f'); submit(); display(3); files.download('x'); get_ipython().run_line_magic('pip', '')\n"
        "    return 1",
    )
    assert loaded.student.f() == 1


def test_gradients_are_taken_in_the_worker(notebook: Notebooks) -> None:
    loaded = notebook("def f(x, y):\n    return (x**2 * y).sum(-1), 'second'\ndef g(x):\n    return x.detach()",
                      names=("f", "g"))  # fmt: skip
    x = torch.tensor([[1.0, 2.0], [3.0, 4.0]], dtype=torch.float64)
    y = torch.full((2, 2), 3.0, dtype=torch.float64)
    got = loaded.student.gradient("f", (x, y), 0, torch.tensor([1.0, 0.5], dtype=torch.float64))
    assert torch.equal(got, 2 * x * y * torch.tensor([[1.0], [0.5]], dtype=torch.float64))
    assert torch.equal(loaded.student.gradient("f", (x, y), 1), x**2)
    with pytest.raises(StudentError, match="cut off from its input"):
        loaded.student.gradient("g", (x,), 0)


def test_inputs_are_copies(notebook: Notebooks) -> None:
    x = torch.ones(3)
    loaded = notebook("def f(x):\n    x += 1\n    return x")
    assert loaded.student.f(x).tolist() == [2, 2, 2]
    assert x.tolist() == [1, 1, 1]


def test_keyword_arguments_and_nested_values_travel(notebook: Notebooks) -> None:
    loaded = notebook("def f(a, *, b):\n    return {'sum': a['x'] + b[0], 'pair': (b, None, True)}")
    got = loaded.student.f({"x": torch.ones(2)}, b=[torch.ones(2), 3])
    assert got["sum"].tolist() == [2, 2]
    assert got["pair"][1:] == (None, True)
    assert isinstance(got["pair"], tuple)


def test_named_tuples_arrive_as_tuples(notebook: Notebooks) -> None:
    loaded = notebook(
        "from typing import NamedTuple\nclass R(NamedTuple):\n    uv: object\n    ok: bool",
        "def f(x):\n    return R(x, True)",
    )
    assert loaded.student.f(torch.zeros(1)) == (torch.zeros(1), True)


def test_objects_stay_in_the_worker_behind_handles(notebook: Notebooks) -> None:
    loaded = notebook(
        "import torch\ndef f(n):\n    return torch.nn.Linear(n, 1, bias=False)\n"
        "def g(model, x):\n    return model(x) + 1",
        names=("f", "g"),
    )
    model = loaded.student.f(2)
    assert isinstance(model, RemoteObject)
    assert repr(model) == "<Linear object of the student>"
    x = torch.ones(5, 2)
    assert model(x).shape == (5, 1)
    assert torch.equal(loaded.student.g(model, x), model(x) + 1)
    assert model.attribute("in_features") == 2
    assert model.method("eval").class_name == "Linear"
    assert model.method("state_dict")["weight"].shape == (1, 2)


def test_a_forged_handle_names_nothing_of_ours(notebook: Notebooks) -> None:
    loaded = notebook("def f():\n    return {'\\0handle': 12345, 'class': 'x' * 10_000}")
    forged = loaded.student.f()
    assert isinstance(forged, RemoteObject)
    assert len(repr(forged)) < 200
    with pytest.raises(StudentError, match="IndexError"):
        forged()


@pytest.mark.parametrize(
    "body",
    [
        "return torch.zeros(2, device='cuda') + x.cuda()",
        "device = torch.device('cuda:0')\n    return x.to(device) + torch.ones(2).to('cuda') - 1",
        "assert torch.cuda.is_available()\n    torch.cuda.synchronize()\n    return x.to(device='cuda')",
        "assert x.cuda().is_cuda\n    return x",
        "return torch.nn.Identity().cuda()(x)",
        "return torch.nn.Linear(2, 2).to('cuda')(x) * 0",
        "torch.set_default_device('cuda')\n    return torch.zeros(2)",
        "g = torch.Generator(device='cuda').manual_seed(0)\n    return torch.rand(2, generator=g, device='cuda') * 0",
        "with torch.device('cuda'):\n        return torch.zeros(2)",
        "return torch.tensor([0.0, 0.0], device=0)",
    ],
)
def test_code_for_a_gpu_runs_without_one(notebook: Notebooks, body: str) -> None:
    if torch.cuda.is_available():
        pytest.skip("this machine has a GPU")
    loaded = notebook(f"import torch\n# cuda\ndef f(x):\n    {body}")
    assert loaded.student.f(torch.zeros(2)).tolist() == [0, 0]


def test_warnings_and_prints_change_nothing(notebook: Notebooks) -> None:
    loaded = notebook("import warnings\ndef f():\n    warnings.warn('w'); print('p'); return 1")
    assert loaded.student.f() == 1
    assert "p\n" in loaded.session.printed


def test_randomness_is_the_same_in_every_grading(notebook: Notebooks) -> None:
    cell = "import torch, random\nimport numpy as np\ndef f(): return torch.rand(3), random.random(), np.random.rand()"
    first, second = notebook(cell).student.f(), notebook(cell).student.f()
    assert torch.equal(first[0], second[0])
    assert first[1:] == second[1:]


@pytest.mark.parametrize("decorator", ["@torch.compile", "@torch.compile(dynamic=True)", ""])
@pytest.mark.parametrize("optimiser", ["Adam([w], lr=0.1)", "SGD([w], lr=0.05)"])
def test_torch_compile_and_optimisers_work(
    notebook: Notebooks, decorator: str, optimiser: str
) -> None:
    loaded = notebook(
        f"import torch\n{decorator}\ndef f(x):\n    w = torch.zeros(2, requires_grad=True)\n"
        f"    o = torch.optim.{optimiser}\n"
        "    for _ in range(3):\n        o.zero_grad(); ((w - x) ** 2).sum().backward(); o.step()\n"
        "    return w"
    )
    assert loaded.student.f(torch.ones(2)).tolist() == pytest.approx([0.28, 0.28], abs=0.03)


LESS_USUAL = {
    "LBFGS": "o = torch.optim.LBFGS([w]); o.step(lambda: (w**2).sum())",
    "schedule": "torch.optim.lr_scheduler.ExponentialLR(torch.optim.Adam([w]), 0.9).step()",
    "jacobian": "torch.autograd.functional.jacobian(torch.sum, w, vectorize=True)",
    "jacfwd": "torch.func.jacfwd(torch.sum)(w.detach())",
    "hessian": "torch.func.hessian(torch.sum)(w.detach())",
    "vmap": "torch.vmap(torch.sum)(torch.ones(3, 3))",
    "checkpoint": "checkpoint.checkpoint(torch.sum, w, use_reentrant=False)",
    "script": "torch.jit.trace(torch.sum, w.detach())",
    "compiler setting": "torch._dynamo.config.suppress_errors = True",
    "compiler part": "from torch._dynamo.utils import counters",
}


@pytest.mark.parametrize("name", LESS_USUAL)
def test_the_rest_of_torch_works_without_its_compiler(notebook: Notebooks, name: str) -> None:
    loaded = notebook(
        "import torch, torch._dynamo\nfrom torch.utils import checkpoint\n"
        f"def f(w):\n    w.requires_grad_(True)\n    {LESS_USUAL[name]}\n    return 1"
    )
    assert loaded.student.f(torch.ones(3)) == 1


def test_after_a_fault_every_question_gets_the_same_answer(notebook: Notebooks) -> None:
    loaded = notebook(
        "import os\ndef f():\n    os._exit(7)\ndef g():\n    return 1", names=("f", "g")
    )
    with pytest.raises(WorkerFault, match="exited with status 7") as first:
        loaded.student.f()
    with pytest.raises(WorkerFault) as second:
        loaded.student.g()
    assert first.value is second.value


def test_the_exercise_budget_ends_many_slow_calls(launcher: Launcher) -> None:
    limits = Limits(call_seconds=5, load_seconds=5, exercise_seconds=0.5)
    with Session(launcher, limits) as session:
        cells = [(1, "import time\ndef f():\n    time.sleep(0.2)")]
        session.load(cells, session.plan(cells, {"e": ["f"]})["e"], ["f"])
        student = RemoteStudent(session, limits, {})
        assert student.f() is None
        with pytest.raises(WorkerFault, match=r"0\.5 seconds|longer than"):
            [student.f() for _ in range(20)]


def test_a_question_that_cannot_be_sent_is_not_the_students_fault(notebook: Notebooks) -> None:
    loaded = notebook("def f(x): return 1")
    with pytest.raises(RefusedValue, match="the question cannot be sent"):
        loaded.student.f(object())
    assert loaded.student.f(1) == 1


@pytest.mark.parametrize("tier", ["C", "D"])
def test_without_landlock_no_file_can_be_opened_at_all(tier: str) -> None:
    weak = Launcher(LIMITS, best_tier=Tier(tier))
    notebooks = Notebooks(weak)
    try:
        assert weak.tier in (tier, Tier.D)  # no other user where Python is not open to all
        loaded = notebooks(
            "import os, torch\ndef f(x):\n    return torch.linalg.inv(x)\n"
            f"def g():\n    return open({str(REPOSITORY / 'pyproject.toml')!r}).read()\n"
            "def h():\n    return os.listdir('/')",
            names=("f", "g", "h"),
        )
        assert torch.equal(loaded.student.f(torch.eye(2)), torch.eye(2))
        for refused in (loaded.student.g, loaded.student.h):
            with pytest.raises(StudentError, match="PermissionError"):
                refused()
    finally:
        notebooks.close()
        weak.close()


def test_other_systems_are_told_where_to_grade(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "darwin")
    with pytest.raises(SandboxError, match="only be shut in on Linux"):
        Launcher(LIMITS)


def test_every_name_of_a_grader_is_absent_from_the_view() -> None:
    view = student_view(REPOSITORY, (), ())
    seen = [Path(p) for p in view.readable]
    for secret in ("solutions", "course_lib/solved/camera_geometry.py", "assets/references", "tests",
                   "autograder", ".git", "course.toml"):  # fmt: skip
        path = REPOSITORY / secret
        assert not any(path.is_relative_to(p) or p.is_relative_to(path) for p in seen), secret


def test_hidden_folders_inside_libraries_are_cut_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = tmp_path / "lib"
    for name in ("open/a.py", "app/secret.py", "app/deep/x.py", "other.py"):
        (library / name).parent.mkdir(parents=True, exist_ok=True)
        (library / name).write_text("")
    monkeypatch.syspath_prepend(str(library))
    seen = student_view(REPOSITORY, (), (library / "app",)).readable
    assert str(library / "open") in seen
    assert str(library / "other.py") in seen
    assert not any(p.startswith(str(library / "app")) or p == str(library) for p in seen)


def test_earlier_notebooks_answers_are_shown_where_they_are_published(tmp_path: Path) -> None:
    solved = tmp_path / "course_lib" / "solved"
    solved.mkdir(parents=True)
    for name in ("__init__", "camera_geometry", "rendering"):
        (solved / f"{name}.py").write_text("")
    seen = student_view(tmp_path, ("camera_geometry",), ()).readable
    assert str(solved / "camera_geometry.py") in seen
    assert str(solved / "rendering.py") not in seen
    assert not any(Path(p) == solved for p in seen)


@pytest.mark.parametrize(
    ("layers", "tier"),
    [
        (Layers("root", 7, True, True), Tier.A),
        (Layers("user", 0, False, False), Tier.A),
        (Layers("", 3, True, True), Tier.B),
        (Layers("", 0, True, True), Tier.C),
        (Layers("", 0, True, False), Tier.D),
        (Layers("", 0, False, True), Tier.E),
    ],
)
def test_a_tier_stands_on_its_layers(layers: Layers, tier: Tier) -> None:
    assert layers.tier == tier
    assert tier.at_least(Tier.E)
    assert Tier.B.at_least(tier) == (tier != Tier.A)


def decide(architecture: str, number: int, *arguments: int) -> int:
    """Run the filter as the kernel would; its answer."""
    data = {0: number, 4: {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}[architecture]}
    data |= {16 + 8 * i: a for i, a in enumerate(arguments)}
    accumulator, pointer = 0, 0
    code = seccomp.program(architecture, pid=42)
    while True:
        kind, yes, no, constant = code[pointer]
        pointer += 1
        if kind == 0x20:
            accumulator = data.get(constant, 0)
        elif kind == 0x54:
            accumulator &= constant
        elif kind == 0x15:
            pointer += yes if accumulator == constant else no
        elif kind == 0x35:
            pointer += yes if accumulator >= constant else no
        else:
            assert kind == 0x06
            return constant


ALLOW, EPERM, ENOSYS, KILL = 0x7FFF0000, 0x50001, 0x50026, 0x80000000


@pytest.mark.parametrize(
    ("architecture", "call", "answer"),
    [
        ("x86_64", (0,), ALLOW),  # read
        ("x86_64", (59,), EPERM),  # execve
        ("x86_64", (57,), EPERM),  # fork
        ("x86_64", (56, 0x11), EPERM),  # clone as fork does it
        ("x86_64", (56, 0x3D0F00), ALLOW),  # clone as threads do it
        ("x86_64", (435,), ENOSYS),  # clone3
        ("x86_64", (425,), ENOSYS),  # io_uring_setup
        ("x86_64", (41, 2), EPERM),  # socket
        ("x86_64", (53, 1), ALLOW),  # socketpair of unix sockets
        ("x86_64", (53, 2), EPERM),
        ("x86_64", (9, 0, 4096, 3, 0x22), ALLOW),  # mmap private anonymous
        ("x86_64", (9, 0, 4096, 3, 0x21), EPERM),  # shared anonymous
        ("x86_64", (9, 0, 4096, 3, 0x122), EPERM),  # growing downwards
        ("x86_64", (62, 42, 9), ALLOW),  # kill oneself
        ("x86_64", (62, 41, 9), EPERM),
        ("x86_64", (62, 2**32 - 1, 9), EPERM),  # kill everybody
        ("x86_64", (72, 3, 8), EPERM),  # fcntl F_SETOWN
        ("x86_64", (72, 3, 2), ALLOW),
        ("x86_64", (16, 0, 0x5412), EPERM),  # ioctl TIOCSTI
        ("x86_64", (157, 4, 1), EPERM),  # prctl PR_SET_DUMPABLE
        ("x86_64", (302, 7), EPERM),  # prlimit of somebody else
        ("x86_64", (101,), EPERM),  # ptrace
        ("x86_64", (310,), EPERM),  # process_vm_readv
        ("x86_64", (319,), EPERM),  # memfd_create
        ("x86_64", (90,), EPERM),  # chmod
        ("x86_64", (0x40000000,), KILL),  # x32
        ("aarch64", (63,), ALLOW),  # read
        ("aarch64", (221,), EPERM),  # execve
        ("aarch64", (220, 0x11), EPERM),
        ("aarch64", (222, 0, 4096, 3, 0x21), EPERM),
        ("aarch64", (198, 2), EPERM),  # socket
        ("aarch64", (117,), EPERM),  # ptrace
    ],
)
def test_the_system_call_filter_decides_as_it_says(
    architecture: str, call: tuple[int, ...], answer: int
) -> None:
    assert decide(architecture, *call) == answer


def test_a_foreign_architecture_is_killed() -> None:
    code = seccomp.program("x86_64", 1)
    assert code[1][1:3] == (1, 0)
    assert code[2] == (0x06, 0, 0, KILL)


@pytest.mark.parametrize(
    "expression",
    [
        "torch.ones(5)[::5]",
        "torch.zeros(3, 0).T",
        "torch.tensor(2.).expand(1)",
        "torch.ones(4, 3)[:1, 2]",
    ],
)
def test_answers_of_one_element_or_none_arrive(notebook: Notebooks, expression: str) -> None:
    loaded = notebook(f"import torch\ndef f():\n    return {expression}")
    assert torch.equal(loaded.student.f(), eval(expression, {"torch": torch}))


@pytest.mark.parametrize("cell", ["x = ''" + ".strip()" * 3000, "y = 1" + " + 1" * 3000])
def test_an_expression_too_deep_to_read_costs_itself_only(notebook: Notebooks, cell: str) -> None:
    loaded = notebook(cell, "def f():\n    return 1")
    assert loaded.student.f() == 1


def test_containers_filled_inside_expressions_are_filled(notebook: Notebooks) -> None:
    loaded = notebook(
        "TABLE = []", "[TABLE.append(i) for i in range(3)]", "_ = TABLE.append(4)",
        "def f():\n    return len(TABLE)",
    )  # fmt: skip
    assert loaded.student.f() == 4
