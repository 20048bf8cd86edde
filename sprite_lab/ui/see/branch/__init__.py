"""Branches: go back to a step, change something there, and compare the results."""
