"""Data: browse the open data set, whose sprites models learn from."""
