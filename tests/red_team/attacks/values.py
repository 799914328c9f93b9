"""Return values made to break, fool or exhaust whoever looks at them."""

from __future__ import annotations

from tests.red_team.attack import Attack, Control

_WHY = "harmless where it is made: what counts is that the grader, wherever it sits, refuses or fails it in words"
_NOT_A_TENSOR = "should be a torch tensor|cannot be judged"
_HEAD = """
import collections, enum, fractions, math, numpy as np, torch
loop = []
loop.append(loop)
bush = 1
for _ in range(14): bush = [bush] * 9
class Level(enum.IntEnum):
    HIGH = 1
class Text(str):
    def __eq__(self, other): return True
    __hash__ = str.__hash__
class Number(float):
    def __eq__(self, other): return True
    def __repr__(self): return "__import__('os')._exit(0)"
    def __abs__(self): return 0.0
class Same:
    def __eq__(self, other): return True
    def __repr__(self): raise SystemExit
class Endless(list):
    def __iter__(self):
        while True: yield 1
    def __len__(self): return -1
class Bomb:
    def __reduce__(self): return (__import__("os")._exit, (0,))
def stream():
    while True: yield 1
"""


def _value(name: str, expression: str, told: str = _NOT_A_TENSOR, core: bool = False) -> Attack:
    source = f"{_HEAD}\ndef homogenize_points(points):\n    return {expression}\n"
    source += "homogenize_directions = homogenize_points"
    return Attack(name, source, told, control=Control.NONE, why=_WHY, core=core)


_SHAPED = "torch.cat([points, points[..., :1]], -1)"

ATTACKS = [
    _value("nothing at all", "None", "is a `return` missing"),
    _value(
        "a tensor of ten to the twelve", "torch.zeros(1).expand(10**12)", "cannot be", core=True
    ),
    _value("a tensor larger than a reply", "torch.ones(2**23)", "MB large|cannot be judged"),
    _value("lists nested beyond reason", "[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]"),
    _value("a list that contains itself", "loop"),
    _value("a bush of lists", "bush"),
    _value("a million numbers", "list(range(10**6))"),
    _value("a list without end", "Endless()", f"{_NOT_A_TENSOR}|took longer"),
    _value("a generator without end", "stream()", "cannot be judged|should be a torch tensor"),
    _value("a sparse tensor", "torch.eye(3).to_sparse()"),
    _value("a tensor without data", "torch.empty(5, 4, device='meta')"),
    _value(
        "a quantised tensor", "torch.quantize_per_tensor(torch.ones(5, 4), 0.1, 0, torch.qint8)"
    ),
    _value(
        "a nested tensor",
        "torch.nested.nested_tensor([torch.ones(2), torch.ones(3)])",
        f"{_NOT_A_TENSOR}|raised|has shape",
    ),
    _value("not-a-numbers", f"{_SHAPED} * math.nan", "NaN or infinite", core=True),
    _value("infinities", f"{_SHAPED} * math.inf", "NaN or infinite|differ"),
    _value("complex numbers", f"{_SHAPED}.to(torch.complex64)", "complex|differ"),
    _value("truth values", f"{_SHAPED} > 0", "bool|floating"),
    _value("conjugated numbers", f"torch.conj({_SHAPED} * 1j)", "complex"),
    _value(
        "strides of zero",
        "points[..., :1].expand(*points.shape[:-1], points.shape[-1] + 1)",
        "differ",
    ),
    _value("an object array", "np.array([object()])"),
    _value("a text array", "np.array(['a'])"),
    _value("a structured array", "np.zeros(2, dtype=[('a', 'i4')])"),
    _value("a number beyond all", "10**5000"),
    _value("a number that equals everything", "Number(7)"),
    _value("a text that equals everything", "Text('x')"),
    _value("a text with a lone surrogate", "'\\ud800'", f"{_NOT_A_TENSOR}|raised|broke"),
    _value("a text of a hundred megabytes", "'x' * 10**8", f"{_NOT_A_TENSOR}|broke the rules"),
    _value("an enumeration", "Level.HIGH"),
    _value("a fraction", "fractions.Fraction(1, 3)"),
    _value("an object that equals everything", "Same()"),
    _value("a pickle bomb", "Bomb()"),
    _value("a dictionary with hostile keys", "{'\\0handle': {'\\0handle': 1}, (1, 2): 3}"),
    _value("a tensor that needs gradients", f"({_SHAPED}).requires_grad_() * 3", "differ"),
    _value("a named tuple of tensors", "collections.namedtuple('R', 'x y')(points, points)"),
    _value("a class", "torch.Tensor", _NOT_A_TENSOR),
    _value("an exception in place of a value", "ValueError('x' * 10**6)"),
]
