"""What the graph page shows: filters in its address, the picture, the details and the tables.

Rule: the address is the whole state, so that a view can be cited; the same address and snapshot give the same page.
"""
