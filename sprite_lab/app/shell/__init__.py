"""What the window needs besides its workspaces: actions, keys, results of lessons, settings."""
