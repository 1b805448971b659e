"""The recipe of the embedded model: data folder in, weights out."""
