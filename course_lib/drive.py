"""Google Drive on Colab: asked for once, never needed. What lies there outlives the runtime."""

from __future__ import annotations

import sys
from pathlib import Path

MOUNTPOINT = Path("/content/drive")


def drive_folder() -> Path | None:
    """The course's folder on Drive, which need not exist yet; None where no Drive answers."""
    mine = MOUNTPOINT / "MyDrive"
    try:
        return mine / "inverse-graphics" if mine.is_dir() else None
    except OSError:  # mounted once, but its process is gone: "Transport endpoint is not connected"
        return None


def mount_drive() -> str | None:
    """Ask for the student's Drive, unless it is there; a sentence for the student if it is not there then."""
    if drive_folder() is not None:
        return None
    if "google.colab" not in sys.modules:
        return (
            "Google Drive is mounted on Colab only. Here checkpoints lie in the folder checkpoints, "
            "beside the notebook."
        )
    from google.colab import drive

    try:
        drive.mount(str(MOUNTPOINT))
    except Exception as error:  # refused, a blocked pop-up, a policy: Colab has a type for each
        reason = f"{type(error).__name__}: {error}"
    else:
        if drive_folder() is not None:
            return None
        reason = f"{MOUNTPOINT}/MyDrive is not there"
    return (
        f"Google Drive was not mounted ({reason}). Everything works without it, but what you train "
        "is gone when this runtime ends. Run this cell again to be asked again, and allow pop-ups."
    )
