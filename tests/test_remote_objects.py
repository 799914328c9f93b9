"""Checks use a student's classes, modules and closures as if local, and hand functions of the course to them."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch

from autograder.checking.errors import RefusedValue, StudentError
from autograder.checking.given import given
from autograder.checking.student import LocalStudent, Student
from autograder.sandbox.launcher import Launcher
from autograder.sandbox.policy import Limits
from autograder.sandbox.proxy import RemoteStudent
from autograder.sandbox.session import Session
from course_lib.puzzle import scramble

LIMITS = Limits(call_seconds=5, load_seconds=5, memory_mb=700)
NAMES = [
    "Net",
    "make_closure",
    "make_lazy",
    "apply",
    "count",
    "lazy",
    "Broken",
    "pair",
    "Tower",
    "spoil",
    "powers",
    "weigh",
    "cut",
    "Pairs",
]
SOURCE = """
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self, width=3, bias=True):
        super().__init__()
        self.layer = nn.Linear(2, width, bias=bias)
        self.unused = nn.Parameter(torch.zeros(4))
        self.width = width
    def forward(self, x):
        return torch.sin(self.layer(x))
    def features(self, x, scale):
        return scale * self.layer(x)

def make_closure(k):
    def closure(x):
        return k * x ** 2
    return closure

def apply(function, x, times=1):
    for _ in range(times):
        x = function(x)
    return x

def count(n):
    for i in range(n):
        yield i

def lazy(xs):
    return map(float, xs)

def make_lazy():
    return nn.Sequential(nn.Flatten(), nn.LazyLinear(3))

class Broken:
    def __init__(self, size):
        self.size = size
    def area(self):
        return self.height * self.size

def pair():
    return {"net": Net(2), "closures": [make_closure(1), make_closure(2)]}

def spoil(x):
    return x.mul_(7)

def powers(x):
    return x ** 2, x ** 3, x.detach()

def weigh(layers, x):
    for W, b in layers:
        x = W @ x + b
    return x

def cut(x):
    return [x.detach(), (2 * x).detach()]

class Pairs(nn.Module):
    def __init__(self, keep=True):
        super().__init__()
        self.a = nn.Parameter(torch.tensor(2.0))
        self.b = nn.Parameter(torch.tensor(3.0))
        self.keep = keep
    def forward(self, x):
        last = self.a * self.b * x
        return [(self.a * x, self.b * x), (x ** 2, last if self.keep else last.detach())]

def Tower(*nets):
    return nn.Sequential(*nets)
"""


@pytest.fixture(scope="module")
def launcher() -> Iterator[Launcher]:
    warm = Launcher(LIMITS)
    yield warm
    warm.close()


@pytest.fixture(params=["here", "in a worker"])
def student(request: pytest.FixtureRequest) -> Iterator[Student]:
    if request.param == "here":
        namespace: dict[str, Any] = {}
        exec(compile(SOURCE, "cell 1", "exec"), namespace)
        yield LocalStudent(namespace)
        return
    with Session(request.getfixturevalue("launcher"), LIMITS) as session:
        cells = [(1, textwrap.dedent(SOURCE))]
        plan = session.plan(cells, {"e": NAMES})["e"]
        _, missing = session.load(cells, plan, NAMES)
        yield RemoteStudent(session, LIMITS, missing)


WEIGHT = torch.tensor([[1.0, -2.0], [0.5, 0.25], [3.0, 1.0]])
BIAS = torch.tensor([0.1, -0.2, 0.3])
X = torch.tensor([[0.3, -0.7], [1.1, 0.4]])


def reference(x: torch.Tensor) -> torch.Tensor:
    return torch.sin(x @ WEIGHT.T + BIAS)


def loaded(student: Student) -> Any:
    net = student.Net(width=3)
    net.load_parameters({"layer.weight": WEIGHT, "layer.bias": BIAS})
    return net


def test_a_module_computes_with_the_weights_it_was_given(student: Student) -> None:
    net = loaded(student)
    assert net.class_name == "Net"
    assert torch.allclose(net(X), reference(X))
    assert torch.allclose(net.method("features", X, scale=2.0), 2 * (X @ WEIGHT.T + BIAS))
    assert net.attribute("width") == 3


def test_parameters_have_names_and_shapes(student: Student) -> None:
    shapes = student.Net(width=5, bias=False).parameter_shapes()
    assert shapes == {"unused": (4,), "layer.weight": (5, 2)}


def test_gradients_are_those_of_autograd(student: Student) -> None:
    net, cotangent = loaded(student), torch.tensor([[1.0, 2.0, -1.0], [0.5, 0.0, 1.0]])
    x, weight = X.clone().requires_grad_(), WEIGHT.clone().requires_grad_()
    (torch.sin(x @ weight.T + BIAS) * cotangent).sum().backward()
    assert torch.allclose(net.gradient((X,), 0, cotangent), x.grad)
    found = net.parameter_gradients((X,), cotangent)
    assert torch.allclose(found["layer.weight"], weight.grad)
    assert torch.equal(found["unused"], torch.zeros(4))
    assert found.keys() == {"layer.weight", "layer.bias", "unused"}


def test_any_of_several_results_can_be_differentiated(student: Student) -> None:
    x, cotangent = torch.tensor([0.5, 2.0]), torch.tensor([1.0, -1.0])
    assert torch.allclose(student.gradient("powers", (x,), 0), 2 * x)
    assert torch.allclose(student.gradient("powers", (x,), 0, cotangent, 1), 3 * x**2 * cotangent)
    with pytest.raises(StudentError, match="result 3 of 3 is cut off from its input"):
        student.gradient("powers", (x,), 0, result=2)
    with pytest.raises(StudentError, match="expected more than 3 results, got tuple"):
        student.gradient("powers", (x,), 0, result=3)
    with pytest.raises(StudentError, match="expected more than 1 results, got Tensor"):
        student.gradient("apply", (student.make_closure(2.0), x), 1, result=1)


def test_a_path_leads_to_what_is_differentiated_inside_of_lists(student: Student) -> None:
    W = [torch.tensor([[1.0, 2.0], [0.0, -1.0]]), torch.tensor([[3.0, 0.5], [1.0, 4.0]])]
    layers, x = [(W[0], torch.ones(2)), (W[1], torch.zeros(2))], torch.tensor([2.0, -1.0])
    found = student.gradient("weigh", (layers, x), (0, 0, 1), torch.tensor([1.0, -2.0]))
    assert torch.allclose(found, W[1].T @ torch.tensor([1.0, -2.0]))
    found = student.gradient("weigh", (layers, x), (0, 1, 0))
    assert torch.allclose(found, (W[0] @ x + 1).expand(2, 2))
    assert torch.allclose(student.gradient("weigh", (layers, x), (1,)), (W[1] @ W[0]).sum(0))


def test_a_cotangent_for_each_of_nested_results(student: Student) -> None:
    x, cotangents = torch.tensor([1.0, 4.0]), [torch.tensor(c) for c in ([1.0, 0], [0, 1.0])] * 2
    made = student.Pairs()
    # a x₀ + b x₁ + x₀² + a b x₁
    assert torch.allclose(made.gradient((x,), 0, cotangents), torch.tensor([2.0 + 2.0, 3.0 + 6.0]))
    found = made.parameter_gradients((x,), cotangents)
    assert found == {"a": torch.tensor(1.0 + 3 * 4), "b": torch.tensor(4.0 + 2 * 4)}
    with pytest.raises(StudentError, match="expected 3 tensors to differentiate, got 4"):
        made.gradient((x,), 0, cotangents[:3])
    # What is cut off adds nothing; when all is, that is told.
    cut = student.Pairs(keep=False).parameter_gradients((x,), cotangents)
    assert cut == {"a": torch.tensor(1.0), "b": torch.tensor(4.0)}
    with pytest.raises(StudentError, match="the result is cut off from its input"):
        student.gradient("cut", (x,), 0, [x, x])


def test_weights_that_do_not_fit_are_named(student: Student) -> None:
    net = student.Net(width=3)
    with pytest.raises(StudentError, match=r"no parameter 'weight' \(there are: layer.bias"):
        net.load_parameters({"weight": WEIGHT})
    with pytest.raises(StudentError, match=r"'layer.bias' has shape \(3,\), expected \(2,\)"):
        net.load_parameters({"layer.bias": torch.zeros(2)})
    closure = student.make_closure(2.0)
    with pytest.raises(StudentError, match=r"a torch\.nn\.Module is needed here"):
        closure.parameter_shapes()
    with pytest.raises(
        StudentError, match=r"'1.weight' belongs to a lazy layer, which has no size"
    ):
        student.make_lazy().parameter_shapes()


def test_objects_are_passed_back_and_built_of_one_another(student: Student) -> None:
    doubled = student.make_closure(2.0)
    assert torch.equal(student.apply(doubled, torch.tensor(3.0), times=2), torch.tensor(648.0))
    tower = student.Tower(student.Net(width=2), loaded(student))
    assert set(tower.parameter_shapes()) >= {"0.layer.weight", "1.layer.weight"}
    assert tower(X).shape == (2, 3)


def test_objects_inside_results_are_handles_too(student: Student) -> None:
    found = student.pair()
    assert found["net"].parameter_shapes()["layer.weight"] == (2, 2)
    assert [c(torch.tensor(3.0)).item() for c in found["closures"]] == [9.0, 18.0]


def test_functions_of_the_course_are_handed_to_student_code_by_name(student: Student) -> None:
    poses = torch.eye(4).repeat(2, 1, 1)
    function = given("course_lib.puzzle:scramble", axes="RUB", maps="camera_from_world")
    expected = scramble(poses, "RUB", "camera_from_world")
    assert torch.equal(function(poses), expected)
    assert torch.equal(student.apply(function, poses), expected)


@pytest.mark.parametrize(
    "path",
    [
        "os:system",
        "course_lib.solved.camera_geometry:project",
        "course_lib.puzzle:_axes",
        "course_lib.puzzle:nothing",
        "course_lib",
        "autograder.checking.cases:load_cases",
    ],
)
def test_nothing_else_can_be_asked_for_by_name(path: str) -> None:
    with pytest.raises(ValueError, match=r"no public function|has no function"):
        given(path)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda s: s.count(3), "it is a generator, which has not computed anything yet"),
        (lambda s: s.lazy([1, 2]), "it is a map object: turn it into a list or tensor"),
    ],
)
def test_what_has_no_value_yet_is_refused_with_a_reason(
    student: Student, call: Callable[[Student], Any], words: str
) -> None:
    with pytest.raises(RefusedValue, match=words):
        call(student)


def test_errors_inside_objects_are_the_students_own(student: Student) -> None:
    broken = student.Broken(3)
    with pytest.raises(StudentError, match="has no attribute 'height'") as caught:
        broken.method("area")
    assert caught.value.type_name == "AttributeError"
    assert "in area" in caught.value.trace
    assert "autograder" not in caught.value.trace
    with pytest.raises(StudentError, match="nothing"):
        broken.attribute("nothing")


def test_arguments_are_copies(student: Student) -> None:
    mine = torch.ones(2)
    student.spoil(mine)
    assert torch.equal(mine, torch.ones(2))
