"""The gradebook: who handed in what, what it earned, and what people decided, in one SQL database.

SQLite by default, PostgreSQL for several graders at once; the same code on both. Needs the extra `grading`.
Start reading at `book.py`; `models.py` and `people.py` hold the tables.
"""
