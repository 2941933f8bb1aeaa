"""From an alignment target to a model and the evidence about it.

`target -> dataset -> model -> evidence`, one module a step; `python -m training.engine` runs them.
Rule: nothing here imports Django, Celery or the site's configuration, so a GPU machine needs this package alone.
"""
