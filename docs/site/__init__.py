"""What the site holds beside its written pages: the reference, the rendered handouts, mathematics without a script."""
