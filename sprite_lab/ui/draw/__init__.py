"""The Draw workspace: a grid of cells, a canvas with tools, and generation into cells.

May import ``ui.widgets``, ``app`` and ``core``. Tools decide, the canvas paints, the project
remembers; every change can be undone. UI thread only.
"""
