"""The export window: a page for each kind of export.

May import app, core and the widgets; the makers that it hands to workers come from app. All of it
runs on the UI thread.
"""
