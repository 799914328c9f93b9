"""A google.colab for tests: the names, signatures and exceptions of the real one (googlecolab/colabtools), no page.

What the page would do stands in fields: what it answers, whether a person agrees. What it was asked is recorded.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest


class Error(Exception):
    """google.colab.errors.Error."""


class RuntimeManagementError(Error):
    """google.colab.errors.RuntimeManagementError."""


class MessageError(Error):
    """google.colab._message.MessageError: the page answered with an error."""


class NotebookAccessError(Exception):
    """google.colab.userdata: the secret is there, this notebook may not read it."""

    def __init__(self, key: str) -> None:
        super().__init__(f"Notebook does not have access to secret {key}")


class SecretNotFoundError(Error):
    """google.colab.userdata: no such secret."""

    def __init__(self, key: str) -> None:
        super().__init__(f"Secret {key} does not exist.")


@dataclass
class FakeColab:
    """The page, the person before it, and what they were asked for."""

    mountpoint: Path
    notebook: Any = None  # what the page answers to get_ipynb
    page_is_there: bool = True
    refusal: Exception | None = None  # what drive.mount raises
    secrets: dict[str, str | None] = field(
        default_factory=dict
    )  # None: there, but not for this notebook
    downloaded: list[str] = field(default_factory=list)
    mounts: list[str] = field(default_factory=list)
    unassigned: bool = False

    # google.colab.files
    def upload(self) -> dict[str, bytes]:
        """A person who chooses no file."""
        return {}

    def upload_file(self, filename: str) -> None:
        """The same for one file; the real one refuses that."""
        raise ValueError("File has not been uploaded")

    def download(self, filename: str) -> None:
        """Into the person's downloads. The real one returns before the browser has begun."""
        if not Path(filename).exists():
            raise FileNotFoundError(f"Cannot find file: {filename}")
        if not self.page_is_there:
            raise AttributeError("'NoneType' object has no attribute 'kernel'")
        self.downloaded.append(filename)

    def view(self, filepath: str) -> None:
        """Opens a file beside the notebook."""
        if not Path(filepath).exists():
            raise FileNotFoundError(f"Cannot find file: {filepath}")

    # google.colab.drive
    def mount(
        self,
        mountpoint: str,
        force_remount: bool = False,
        timeout_ms: int = 120000,
        readonly: bool = False,
    ) -> None:
        """Asks the person by a pop-up."""
        self.mounts.append(mountpoint)
        if " " in mountpoint:
            raise ValueError("Mountpoint must not contain a space.")
        if self.refusal is not None:
            raise self.refusal
        (Path(mountpoint) / "MyDrive").mkdir(parents=True, exist_ok=True)
        print(f"Mounted at {mountpoint}")

    def flush_and_unmount(self, timeout_ms: int = 24 * 60 * 60 * 1000) -> None:
        """Takes Drive away again."""
        with contextlib.suppress(OSError):
            (self.mountpoint / "MyDrive").rmdir()

    # google.colab.output
    def clear(self, wait: bool = False, output_tags: Any = ()) -> None:
        """Clears outputs."""

    def eval_js(
        self, script: str, ignore_result: bool = False, timeout_sec: float | None = None
    ) -> Any:
        """Runs a script in the page."""
        if not self.page_is_there:
            raise MessageError("the page is closed")

    def register_callback(self, function_name: str, callback: Callable[..., Any]) -> None:
        """Lets a script in the page call Python."""

    def enable_custom_widget_manager(self, version: str = "5.0.0a") -> None:
        """Fetches code for widgets of other parties."""
        if version != "5.0.0a":
            raise ValueError(f"Unknown widgets version: {version}")

    def disable_custom_widget_manager(self) -> None:
        """Undoes that."""

    def serve_kernel_port_as_iframe(
        self,
        port: int,
        path: str = "/",
        width: str = "100%",
        height: str = "400",
        cache_in_notebook: bool = False,
    ) -> None:
        """Shows a server of the runtime in the output."""

    def serve_kernel_port_as_window(
        self, port: int, path: str = "/", anchor_text: str | None = None, skip_warning: bool = False
    ) -> None:
        """Links to it."""

    # google.colab.userdata
    def get(self, key: str) -> str:
        """A secret of the person's."""
        if key not in self.secrets:
            raise SecretNotFoundError(key)
        value = self.secrets[key]
        if value is None:
            raise NotebookAccessError(key)
        return value

    # google.colab.runtime
    def unassign(self) -> None:
        """Gives the machine back."""
        self.unassigned = True

    # google.colab._message
    def blocking_request(
        self,
        request_type: str,
        request: Any = "",
        timeout_sec: float | None = 5,
        parent: Any = None,
    ) -> Any:
        """Asks the page; None where it does not answer in time."""
        if not self.page_is_there:
            raise MessageError("the page is closed")
        return self.notebook if request_type == "get_ipynb" else None

    def modules(self) -> Iterator[ModuleType]:
        """google, google.colab and its parts."""
        parts = {
            "files": ("upload", "upload_file", "download", "view"),
            "drive": ("mount", "flush_and_unmount"),
            "output": (
                "clear",
                "eval_js",
                "register_callback",
                "enable_custom_widget_manager",
                "disable_custom_widget_manager",
                "serve_kernel_port_as_iframe",
                "serve_kernel_port_as_window",
            ),
            "userdata": ("get",),
            "runtime": ("unassign",),
            "_message": ("blocking_request",),
            "errors": (),
        }
        google, colab = ModuleType("google"), ModuleType("google.colab")
        google.colab = colab  # type: ignore[attr-defined]
        yield from (google, colab)
        exceptions: dict[str, tuple[type[Exception], ...]] = {
            "userdata": (NotebookAccessError, SecretNotFoundError),
            "errors": (Error, RuntimeManagementError),
            "_message": (MessageError,),
        }
        for name, functions in parts.items():
            part = ModuleType(f"google.colab.{name}")
            vars(part).update({function: getattr(self, function) for function in functions})
            vars(part).update({error.__name__: error for error in exceptions.get(name, ())})
            setattr(colab, name, part)
            yield part

    def install(self, patch: pytest.MonkeyPatch) -> None:
        """Until the end of the test, this process runs in Colab."""
        for module in self.modules():
            patch.setitem(sys.modules, module.__name__, module)
