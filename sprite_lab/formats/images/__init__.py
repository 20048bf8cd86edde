"""Still pictures: PNG, sheets, palettes."""
