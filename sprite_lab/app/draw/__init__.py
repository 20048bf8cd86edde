"""Draw without its widgets: the chosen cells, the tools, edits of cells, and suggestions of models.

Every part takes a :class:`~sprite_lab.app.draw.session.DrawSession`.
"""
