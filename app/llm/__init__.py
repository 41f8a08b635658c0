"""Who puts it into words, and who gives a second opinion: a model behind an OpenAI-compatible endpoint.

Code decides what may be said and what a mark is; a model words it, or points at words. Nothing here is needed.
"""
