"""A release in the form of PRISM: what its five files hold, reading, writing, checking and making them up. No Django.

Rule: a name, a type, an order or a spelling that PRISM published is kept as it is, faults included; what is ours stands
in files of its own beside it.
"""
