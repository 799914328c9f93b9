"""Rosters in, grades out, in the formats that learning platforms and spreadsheets speak."""
