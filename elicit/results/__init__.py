"""What a study's surveys and ratings add up to, as the team's pages show it.

Rule: people count here who are not withdrawn, not left out and no preview; one origin at a time, and the page names it.
Numbers come from `elicit.analysis`; what fewer than ten people share is not shown.
"""
