"""Whether raters agree: the ratings as given, the figures, and a judge's levels mapped to those of people."""
