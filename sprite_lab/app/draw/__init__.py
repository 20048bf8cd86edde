"""Draw without its widgets: the chosen cells, the tools, edits of cells, and what models suggest.

Every part takes a :class:`~sprite_lab.app.draw.session.DrawSession`.
"""
