"""Add judgements up to a moral graph: the science of this package, as plain Python over columns.

Rule that must stay true: nothing here imports Django, Celery or the configuration. Data, parameters and random
generators come in as arguments; a value goes out.
"""
