"""What a public report says in numbers and pictures. Pure: no Django, so that a folder alone gives the same again.

Rule: every number and figure of a report follows from one snapshot and one set of small tables; no word of anybody
goes in, and none comes out but the titles that a caller hands to a figure.
"""
