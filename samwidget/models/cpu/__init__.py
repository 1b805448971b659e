"""The fast twins of what stands plainly one folder up: a file each, under the same name.

Each takes the plain file's modules and gives its numbers; a test compares the two. They are for a
CPU without gradients, where fresh memory costs more than what is computed in it.
"""
