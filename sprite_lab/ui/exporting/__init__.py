"""The export window: a page for each kind of export. What workers run comes from ``app``."""
