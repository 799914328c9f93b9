"""Source notebooks: percent-format text with the answers inside, read into checked objects."""

from autograder.source.errors import InvalidSourceError, SourceError
from autograder.source.notebook import Cell, Source, Task
from autograder.source.reading import read_source

__all__ = ["Cell", "InvalidSourceError", "Source", "SourceError", "Task", "read_source"]
