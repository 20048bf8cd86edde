"""The window around the workspaces: menus, panels, dialogs, help.

Imports app and below, never the engine. UI thread.
"""
