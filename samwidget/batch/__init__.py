"""Many images at once: segment or embed a folder, resumable, on this machine or on many with Dask.

>>> from samwidget import batch
>>> report = batch.segment("photos/*.jpg", "masks")  # doctest: +SKIP
>>> batch.read("masks")[0].objects[0].mask  # doctest: +SKIP
"""

from samwidget.batch.output import read
from samwidget.batch.run import Report, embed, segment

__all__ = ["Report", "embed", "read", "segment"]
