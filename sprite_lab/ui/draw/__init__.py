"""The Draw workspace: a grid of cells, a canvas with tools, and generation into cells.

Tools decide, the canvas paints, the project remembers; every change can be undone.
"""
