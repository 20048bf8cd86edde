"""Building blocks that the workspaces share: sprite views, the timeline, fields, buttons.

May import ``ui.theme``, ``ui.icons``, ``app.timeline`` and ``core``, and no workspace.
UI thread only. Whatever paints its own colors or carries an icon takes a ThemeManager.
"""
