"""What an instructor downloads during the year, made from the sample class: Canvas's and Gradescope's files.

python -m docs.walk.downloads FOLDER
"""

from __future__ import annotations

import io
import json
import sys
import zipfile
from pathlib import Path

_CANVAS = """\
Student,ID,SIS User ID,SIS Login ID,Section,Camera geometry (5501),Rendering (5502)
    Points Possible,,,,,100.00,100.00
"Lovelace, Ada",1001,900001,ada,Monday,,
"Grosz, Boris",1002,900002,boris,Monday,,
"Vogel, Dara",1003,900003,dara,Monday,,
"Post, Emil",1004,900004,emil,Tuesday,,
"Okafor, Femi",1005,900005,femi,Tuesday,,
"Student, Test",1099,,8f2c,Monday,,
"""
_GRADESCOPE = """\
First Name,Last Name,SID,Email,Role,Sections
Greta,Hall,900011,greta@example.edu,Student,Evening
Hana,Sato,900012,hana@example.edu,Student,Evening
Terry,Ayes,900019,terry@example.edu,TA,Evening
"""
_UPLOADS = {  # by student: Canvas's name of the upload
    "ada": "lovelaceada_1001_70001_01_camera_geometry_ada.zip",
    "boris": "groszboris_1002_70002_01_camera_geometry_boris.zip",
    "dara": "vogeldara_LATE_1003_70003_01_camera_geometry_dara.zip",
    "emil": "postemil_1004_70004_01_camera_geometry_emil.zip",
}
_EVENING = {  # by student: folder, time, number on the roster
    "greta": ("submission_409001", "2026-09-26 01:20:00.000000000 Z", "900011"),
    "hana": ("submission_409002", "2026-09-28 02:45:00.000000000 Z", "900012"),
}


def make_downloads(folder: Path, sample_class: Path) -> None:
    """Fill the folder as a browser would in the course of a term."""
    folder.mkdir()
    (folder / "canvas-gradebook.csv").write_text(_CANVAS, encoding="utf-8")
    (folder / "gradescope-roster.csv").write_text(_GRADESCOPE, encoding="utf-8")
    with zipfile.ZipFile(folder / "submissions.zip", "w") as download:
        for student, name in _UPLOADS.items():
            download.write(sample_class / f"{student}.zip", name)
    (folder / "assignment_8_export.zip").write_bytes(_gradescope_export(sample_class))
    with zipfile.ZipFile(folder / "last-year.zip", "w") as old:
        old.writestr("last-year/otis.zip", _renamed(sample_class / "boris.zip", "otis"))
        old.writestr("last-year/rosa.zip", _renamed(sample_class / "femi.zip", "rosa"))


def _renamed(packed: Path, student: str) -> bytes:
    """A submission under another student's id."""
    content = io.BytesIO()
    with zipfile.ZipFile(packed) as old, zipfile.ZipFile(content, "w") as new:
        for name in old.namelist():
            raw = old.read(name)
            if name == "submission.json":
                raw = json.dumps(
                    {**json.loads(raw), "student": {"id": student, "name": ""}}
                ).encode()
            new.writestr(name, raw)
    return content.getvalue()


def _gradescope_export(sample_class: Path) -> bytes:
    """The export as Gradescope packs it: files unpacked, a folder per submission, an index of them."""
    content = io.BytesIO()
    index = ["---"]
    with zipfile.ZipFile(content, "w") as export:
        for student, (folder, time, number) in _EVENING.items():
            with zipfile.ZipFile(sample_class / f"{student}.zip") as packed:
                for name in packed.namelist():
                    export.writestr(f"assignment_8_export/{folder}/{name}", packed.read(name))
            index += [
                f"{folder}:",
                "  :submitters:",
                f"  - :name: {student.title()}",
                f"    :sid: '{number}'",
                f"    :email: {student}@example.edu",
                f"  :created_at: {time}",
            ]
        export.writestr("assignment_8_export/submission_metadata.yml", "\n".join(index) + "\n")
    return content.getvalue()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m docs.walk.downloads FOLDER, which need not exist yet")
    make_downloads(Path(sys.argv[1]), Path(__file__).parents[2] / "assets" / "sample_class")
