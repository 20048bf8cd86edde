"""Building blocks that the workspaces share: sprite views, the timeline, fields, buttons.

May import ``ui.theme``, ``ui.icons``, ``app.timeline`` and ``core``, and no workspace.
UI thread only. What paints its own colors asks ``ui.theme.current_theme`` for them.
"""
