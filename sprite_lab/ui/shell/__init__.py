"""The window around the workspaces: menus, panels, dialogs, help."""
