"""Draw without its widgets: what is chosen, the tools, edits of cells, and what models suggest.

Every part takes a :class:`~sprite_lab.app.draw.session.DrawSession`. UI thread only.
"""
