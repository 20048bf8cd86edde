"""State of the window besides its workspaces: actions, keys, results of lessons, settings."""
