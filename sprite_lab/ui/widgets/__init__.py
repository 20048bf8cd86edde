"""Building blocks that the workspaces share: sprite views, the timeline, fields, buttons.

They import no workspace. What paints its own colors asks ``ui.theme.current_theme`` for them.
"""
