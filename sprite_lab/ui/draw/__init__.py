"""The Draw workspace: a grid of cells, a canvas with tools, and generation into cells.

Tools make edits, the canvas shows them, and the project keeps them; every change can be undone.
"""
