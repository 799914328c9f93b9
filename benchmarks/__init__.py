"""Measurements, repeatable by `make bench`: each module has `figures()`; results/ keeps them with date and machine."""
