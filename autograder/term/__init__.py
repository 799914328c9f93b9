"""The secrets of a term: whether they are this term's, new ones within it, and where they go when it is over."""
