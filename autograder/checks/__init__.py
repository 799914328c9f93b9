"""The checks of every notebook: a package per topic, ordinary pytest functions, public code.

Topics of another course are found, too, in the folder `checks` below the one that AUTOGRADER_TOPICS names.
"""

import os
from pathlib import Path

from autograder.catalogue import EXTRA_TOPICS

if extra := os.environ.get(EXTRA_TOPICS):
    __path__.append(str(Path(extra, "checks").resolve()))  # the built-in ones come first
