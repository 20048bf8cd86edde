"""Suggestions while the user draws, and the judge, which marks surprising pixels."""
