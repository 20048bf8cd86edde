"""The export window: a page for each kind of export. The tasks of workers are in ``app``."""
