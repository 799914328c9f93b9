"""Talking to anybody but the grader."""

from __future__ import annotations

from tests.red_team.attack import Attack, same

_REFUSED = r"PermissionError|OSError|came to nothing"


def _send(name: str, family: str, kind: str, address: str, core: bool = False) -> Attack:
    source = f"""
    import socket
    def attack(aim):
        with socket.socket(socket.{family}, socket.{kind}) as s:
            s.settimeout(1)
            s.connect({address})
            s.send(b"answers")
            return "sent"
    """
    return Attack(name, source, _REFUSED, core=core)


ATTACKS = [
    _send("TCP", "AF_INET", "SOCK_STREAM", "('127.0.0.1', aim['tcp'])", core=True),
    _send("UDP", "AF_INET", "SOCK_DGRAM", "('127.0.0.1', aim['udp'])"),
    _send("a unix socket", "AF_UNIX", "SOCK_STREAM", "aim['unix']"),
    _send("an abstract unix socket", "AF_UNIX", "SOCK_STREAM", "aim['abstract']"),
    *same(
        _REFUSED,
        listen="socket.create_server(('127.0.0.1', 0)).getsockname()",
        a_raw_socket="socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0).fileno()",
        a_TCP_socket_by_system_call="ctypes.CDLL(None).syscall(41, 2, 1, 0) >= 0",
        an_internet_socket_pair="ctypes.CDLL(None).syscall(53, 16, 2, 0, (ctypes.c_int * 2)()) == 0 or "
        "ctypes.CDLL(None).syscall(41, 16, 3, 0) >= 0",
    ),
    Attack(
        "a datagram from one of a pair to a stranger",
        """
        import socket
        def attack(aim):
            ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
            ours.sendto(b"answers", aim["datagram"])  # a pair may still name another address
            return "sent"
        """,
        _REFUSED,
    ),
]
