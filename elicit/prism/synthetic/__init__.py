"""People, conversations and words that never were, drawn so that their counts are those that PRISM published.

Rule: counts are dealt out, not drawn: with the published number of people each published table is met exactly. What
makes one answer better than another is known and written down, so that an analysis can be held against the truth.
"""
