"""Opening, importing, exporting and saving."""
