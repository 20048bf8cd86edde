"""What the window needs besides its workspaces: actions, keys, lessons, settings."""
