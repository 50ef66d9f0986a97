"""Invented data that adds up to the figures the source documents print.

Regions, groups of towns and the kindergartens the documents name are real; every other
kindergarten, every person and every single head-count is generated.
"""
