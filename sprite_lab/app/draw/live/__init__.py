"""Suggestions while one draws, and the judge that marks surprising pixels."""
