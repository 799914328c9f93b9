"""A change to the gradebook and its row in the audit trail: who, when, what, from what, to what."""

from __future__ import annotations

import getpass
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from autograder.gradebook.models import Audit


def login_name() -> str:
    """Who is at the keyboard, as far as the machine knows."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        return "unknown"


@dataclass
class Change:
    """A transaction that changes something, and the row of the audit trail that it leaves."""

    session: Session
    who: str
    action: str
    student: str = ""
    work: str = ""
    what: str = ""
    old: str = ""
    new: str = ""
    made: bool = True  # set False where everything was as wanted already: nothing is recorded

    def also(self, action: str, what: str, old: str, new: str) -> None:
        """Record a further change to the same student's work in this transaction."""
        row = Audit(action=action, what=what, old=old, new=new, **self._frame())
        self.session.add(row)

    def record(self) -> None:
        """Put the change itself on the record."""
        if self.made:
            self.also(self.action, self.what, self.old, self.new)

    def _frame(self) -> dict[str, object]:
        at = datetime.now(UTC)
        return {"at": at, "who": self.who, "student": self.student, "work": self.work}
