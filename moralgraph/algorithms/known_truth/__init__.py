"""Studies whose truth is known because we made them up: what they are for is to see which method may be believed.

`regimes` says how people answer, `worlds` draws the people and their cards, `answering` how likely each answer is,
`truths` what the whole population would say, `collecting` asks some of them, `scoring` compares.

Rule that must stay true: no estimator may read anything of a world but the judgements that were collected in it.
"""
