"""Building blocks that the workspaces share: sprite views, the timeline, fields, buttons.

They import no workspace. Widgets that paint themselves get colors from ``ui.theme.current_theme``.
"""
