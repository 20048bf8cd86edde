"""Measure: how probable sprites are under a model, and where their bits are."""
