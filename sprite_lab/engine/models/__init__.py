"""Finding, loading, exporting and describing models on disk."""
