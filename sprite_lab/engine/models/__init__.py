"""Models on disk: how they are found, loaded, exported and described."""
