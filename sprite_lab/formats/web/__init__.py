"""Models, recordings and lessons as one page of HTML that needs no network and no other file.

Its scripts lie in ``resources/web``.
"""
