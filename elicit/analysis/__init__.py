"""What ratings, answers and samples add up to: pure Python on columns, with no Django.

Rule: the seed is an argument, a result carries its uncertainty, and every function names its source.
"""
