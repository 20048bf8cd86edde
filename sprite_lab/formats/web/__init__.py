"""Models, recordings and lessons as one page of HTML that needs no network and no other file.

May import core and the rest of formats, never torch; its scripts lie in ``resources/web``.
Runs on any thread but the UI's.
"""
