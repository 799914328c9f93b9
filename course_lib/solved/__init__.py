"""Generated: the answers of notebooks whose deadline has passed, so that later ones can build on them."""
