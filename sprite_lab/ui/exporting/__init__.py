"""The export window: a page for each kind of export. UI thread only.

May import app, core and the widgets; the makers that it hands to workers come from app.
"""
