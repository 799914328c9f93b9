"""The review page of `autograder serve`: read submissions, give points for written answers, comment.

It shows what students made and decides nothing itself: every decision goes over `gradebook.desk`.
"""
