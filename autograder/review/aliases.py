"""Other names for students, and ids for addresses that tell nothing: the same whenever one looks.

Both follow from a secret of the assignment, the seed of its hidden inputs: they do not change between runs, and differ
from assignment to assignment. `autograder term rotate` draws a new seed, and with it new names and addresses: who
has learnt the old seed could tell by it who is who.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from hashlib import sha256

_FIRST_WORDS = """
Amber Azure Brisk Bright Calm Cedar Clear Copper Coral Crimson Curious Daring Dapper Eager Early Fern Frosty
Gentle Gilded Golden Grand Hazel Honest Indigo Ivory Jade Jolly Keen Kind Lively Lunar Maple Mellow Merry
Misty Modest Mossy Noble Nimble Ochre Olive Opal Patient Pearl Plucky Polar Proud Quiet Quick Rapid Rosy Ruby
Rustic Scarlet Serene Silver Snowy Solar Steady Sunny Swift Teal Tidy Velvet Violet Warm Wise Witty
"""
_SECOND_WORDS = """
Albatross Badger Beaver Bison Bittern Bobcat Buzzard Caribou Cheetah Condor Cormorant Crane Curlew Dolphin
Dormouse Eagle Egret Falcon Ferret Finch Gannet Gazelle Gecko Gibbon Goshawk Grebe Hare Hedgehog Heron Ibex
Ibis Jackdaw Jaguar Kestrel Kingfisher Koala Lapwing Lark Lemur Linnet Lynx Magpie Marmot Marten Meerkat
Nuthatch Ocelot Oriole Osprey Otter Panther Partridge Pelican Pika Plover Puffin Quail Raven Robin Sable Seal
Shrew Siskin Stork Swallow Tapir Tern Thrush Toucan Turtle Vole Walrus Weasel Wombat Wren
"""
_FIRST, _SECOND = _FIRST_WORDS.split(), _SECOND_WORDS.split()


class Aliases:
    """The students of a course (oldest row first) as one assignment's pages call them."""

    def __init__(self, secret: str, work: str, students: Iterable[str]) -> None:
        self._secret, self._work = secret.encode(), work
        self._keys: dict[str, str] = {}
        self._names: dict[str, str] = {}
        taken: set[str] = set()
        for student in students:
            self._keys[student] = self._draw("address", student).hex()[:20]
            # Rows are only ever added, so who came first keeps the name that two would get.
            count = 0
            while (name := self._name(student, count)) in taken:
                count += 1
            taken.add(name)
            self._names[student] = name
        self._students = {key: student for student, key in self._keys.items()}

    def __contains__(self, student: object) -> bool:
        return student in self._keys

    def key(self, student: str) -> str:
        """What stands for the student in addresses."""
        return self._keys[student]

    def name(self, student: str) -> str:
        """What the student is called where nobody is to know who it is."""
        return self._names[student]

    def student(self, key: str) -> str | None:
        """The student behind an address, if there is one."""
        return self._students.get(key)

    def _name(self, student: str, count: int) -> str:
        drawn = int.from_bytes(self._draw(f"name {count}", student)[:8], "big")
        first, second = divmod(drawn, len(_SECOND))
        name = f"{_FIRST[first % len(_FIRST)]} {_SECOND[second]}"
        return name if count < 50 else f"{name} {count}"  # a class of thousands

    def _draw(self, purpose: str, student: str) -> bytes:
        message = "\0".join((purpose, self._work, student)).encode("utf-8", "surrogatepass")
        return hmac.digest(self._secret, message, sha256)
