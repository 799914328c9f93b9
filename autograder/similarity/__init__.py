"""Which submissions resemble one another more than chance explains. A ranking for a person, never a verdict.

    passages.py      cells → the definitions that an exercise is made of
    values.py        a function → the graph of values it computes; names, order and layout are gone
    fingerprints.py  the graph → small numbered patterns, each with the lines it was seen on
    corpus.py        this year's submissions, earlier years' and the published answer, fingerprinted
    weights.py       how telling a pattern is: rare ones count, given ones do not
    ranking.py       pairs of people, the most alike first
    alignment.py     which line of one goes with which line of the other
    page.py          one HTML page, side by side

Nothing here runs a line of what was handed in.
"""
