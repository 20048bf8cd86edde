"""Models, recordings and lessons as one HTML page that needs no network and no other file.

Its scripts are in ``resources/web``.
"""
