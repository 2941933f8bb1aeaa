"""The one door to language models. Rule: nothing else asks a model, and nothing here keeps a word."""
