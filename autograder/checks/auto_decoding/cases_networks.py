"""Cases for the networks of notebook 4: codes, layers written from codes, features at points, colours."""
