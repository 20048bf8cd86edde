"""The canvas with what one draws by: tools, their options, views and the palette."""
