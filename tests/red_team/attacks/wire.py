"""Dishonest bytes on the worker's own socket. It is theirs to write to; the grader believes little of it."""

from __future__ import annotations

from tests.red_team.attack import Attack, Control

_WHY = "the socket is open to the worker in every tier; test_wire_attacks switches the grader's own guards off"
_BROKEN = "broke the rules of the wire"
HEAD = '''
import array, json, os, socket, struct, sys, threading, time, torch
WIRE = socket.socket(fileno=os.dup(3))
def frame(kind, body, payload=b"", nonce=None, json_bytes=None, tensor_bytes=None):
    """A frame as ours are, with every field open to a lie. The nonce is read from the worker's own frames."""
    if nonce is None:
        f = sys._getframe()
        while f is not None and not isinstance(f.f_locals.get("nonce"), bytes):
            f = f.f_back
        nonce = f.f_locals["nonce"]
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    lengths = (len(text) if json_bytes is None else json_bytes,
               len(payload) if tensor_bytes is None else tensor_bytes)
    return struct.pack("<4sB16sIQ", b"AGW1", kind, nonce, *lengths) + text + payload
def value(tree, *tensors):
    return {"v": {"d": [["value", tree]]}, "t": list(tensors)}
'''


def _bytes(
    name: str, expression: str, told: str = _BROKEN, core: bool = False, seconds: float = 5.0
) -> Attack:
    """Bytes in place of an answer; the worker then waits, so that nothing else is said."""
    source = f"{HEAD}\ndef attack(aim):\n    WIRE.sendall({expression})\n    time.sleep(9)"
    return Attack(name, source, told, control=Control.NONE, why=_WHY, core=core, seconds=seconds)


FRAMES = [
    _bytes("garbage", "b'x' * 10_000", core=True),
    _bytes("a frame of another question", "frame(16, value(1), nonce=bytes(16))"),
    _bytes("an endless frame", "frame(16, value(1), tensor_bytes=2**63)"),
    _bytes("a frame of two gigabytes of text", "frame(16, value(1), json_bytes=2**31)"),
    _bytes(
        "a frame that never ends",
        "frame(16, value(1), json_bytes=1000)",
        "took longer than",
        seconds=0.8,
    ),
    _bytes("text nested without end", "frame(16, b'[' * 100_000)"),
    _bytes("text that is no JSON", "frame(16, b'{]')"),
    _bytes("not a number", 'frame(16, b\'{"v": NaN, "t": []}\')'),
    _bytes("text with a lone surrogate", 'frame(16, b\'{"v": "\\\\ud800", "t": []}\')'),
    _bytes("fields that are no dictionary", "frame(16, {'v': [1], 't': []})"),
    _bytes("an unknown node", "frame(16, value({'pickle': 'gASV'}))"),
    _bytes("a tensor beyond its bytes", "frame(16, value({'t': 0}, ['float32', [100]]))"),
    _bytes("a tensor of negative size", "frame(16, value({'t': 0}, ['float32', [-4]]))"),
    _bytes(
        "a tensor whose size overflows", "frame(16, value({'t': 0}, ['float32', [2**31 - 1] * 9]))"
    ),
    _bytes("a tensor of objects", "frame(16, value({'t': 0}, ['object', [1]]), bytes(16))"),
    _bytes("a tensor that is not there", "frame(16, value({'t': 7}))"),
    _bytes("bytes after the last tensor", "frame(16, value(1), bytes(64))"),
    _bytes("an unknown kind", "frame(99, value(1))"),
    _bytes(
        "a question in place of an answer", "frame(1, value(1))", "raised|could not|broke|cannot"
    ),
    _bytes(
        "a digit of ten million digits", "frame(16, b'{\"v\": ' + b'9' * 10**6 + b', \"t\": []}')"
    ),
    Attack(
        "a drip of one byte at a time",
        f"{HEAD}\ndef attack(aim):\n    for b in frame(16, value(1)) * 99:\n"
        "        WIRE.send(bytes([b])); time.sleep(0.05)",
        f"took longer than|{_BROKEN}",  # the worker's own clock cuts in with a second frame
        seconds=0.8,
        control=Control.NONE,
        why=_WHY,
    ),
    Attack(
        "a second answer in advance",
        HEAD
        + """
def attack(aim):
    threading.Timer(0.0, lambda: WIRE.sendall(bytes(400))).start()
    time.sleep(0.1)
    raise ValueError("the true answer")
        """,
        f"{_BROKEN}|before it was asked",
        control=Control.NONE,
        why=_WHY,
    ),
    Attack(
        "descriptors sent along",
        HEAD
        + """
def attack(aim):
    numbers = array.array("i", [0] * 50)
    for _ in range(20):
        WIRE.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, numbers)])
    time.sleep(9)
        """,
        f"{_BROKEN}|took longer",
        control=Control.NONE,
        why=_WHY,
    ),
    Attack(
        "a closed wire",
        HEAD + "\ndef attack(aim):\n    WIRE.shutdown(socket.SHUT_RDWR)\n    time.sleep(9)",
        "while|killed|exited",
        control=Control.NONE,
        why=_WHY,
    ),
    Attack(
        "a question nobody allowed",
        f"{HEAD}\ndef attack(aim):\n"
        "    question = [['name', 'homogenize_points'], ['question', None], ['tensors', {'l': []}]]\n"
        "    fields = {'v': {'d': question}, 't': []}\n"
        "    for kind in (6, 7, 8, 9, 10, 18, 19, 20):\n        WIRE.sendall(frame(kind, fields))\n    time.sleep(9)",
        _BROKEN,
        control=Control.NONE,
        why=_WHY,
    ),
]

INTERNALS = [
    Attack(
        "answers recorded in advance by a changed worker",
        """
        import sys, torch
        import autograder.sandbox.worker as worker
        real = worker.pack
        def forged(kind, nonce, fields):
            if "value" in fields and isinstance(fields["value"], torch.Tensor):
                fields = {"value": torch.full_like(fields["value"], 7.0)}
            return real(kind, nonce, fields)
        worker.pack = forged
        def homogenize_points(points):
            return torch.cat([points, torch.ones_like(points[..., :1])], dim=-1) * 0
        homogenize_directions = homogenize_points
        """,
        "differ|NameError|raised",
        control=Control.NONE,
        why="the worker is the student's own process: whatever it says is judged by its value",
    ),
    Attack(
        "a codec that encodes pickles",
        """
        import sys
        def homogenize_points(points):
            for name, module in list(sys.modules.items()):
                if hasattr(module, "encode") and name.startswith("autograder"):
                    module.encode = lambda value, tensors: {"p": "gASVCgAAAAAAAAB9lIwBYZRLAXMu"}
            return points
        homogenize_directions = homogenize_points
        """,
        _BROKEN,
        control=Control.NONE,
        why="the grader's decoder knows no pickles at all",
    ),
    Attack(
        "a handle to an object of the grader",
        """
        def homogenize_points(points):
            return {"\\0handle": 0, "class": "<script>" * 10_000}
        homogenize_directions = homogenize_points
        """,
        "should be a torch tensor",
        control=Control.NONE,
        why="handles are numbers on the worker's own shelf; the grader keeps no objects for them",
    ),
    Attack(
        "modules named as the grader's",
        """
        import sys, types
        for name in ("autograder.checking.errors", "autograder.codec", "autograder.sandbox.wire", "torch"):
            fake = types.ModuleType(name)
            fake.RefusedValue = fake.CodecError = SystemExit
            sys.modules[name] = fake
        def homogenize_points(points):
            raise sys.modules["autograder.codec"].CodecError("full points please")
        homogenize_directions = homogenize_points
        """,
        "SystemExit|cannot be judged|raised|cannot be run",
        control=Control.NONE,
        why="the grader's modules are in another process",
    ),
]

ATTACKS = [*FRAMES, *INTERNALS]
