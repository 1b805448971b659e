"""The boundary benchmark of BSDS500 (Arbelaez et al., 2011): edges against people's outlines.

An edge map is cut at many thresholds, each cut is thinned, and its pixels are matched one to one
with those of every annotator, no further than 0.0075 of the image's diagonal. Precision is the
share of edge pixels that any annotator matches; recall the share of all annotators' pixels that are
matched. ODS is the best F-measure with one threshold for all images, OIS with the best for each,
AP the area under the curve of precision over recall, R50 the recall at a precision of one half.
These are the rules, and the interpolations, of the benchmark's own MATLAB code.

Of the matchings with the most pairs the benchmark takes the shortest. Here edge pixels that are
nearest to an annotator's come first, and then others until no more can be matched: as many pairs,
and, since it is the same pixels that are matched for all annotators, hardly another precision.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import maximum_flow
from scipy.spatial import cKDTree

MAX_DISTANCE = 0.0075
"""Of matched pixels, as a share of the image's diagonal."""

THRESHOLDS = 99

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]


def outlines(labels: NDArray[np.integer]) -> Bools:
    """Thin lines (H, W) between the regions of a label map, as annotators' boundaries are drawn."""
    values = labels.astype(np.int64)
    right = np.pad(values, ((0, 0), (0, 1)), mode="edge")[:, 1:]
    below = np.pad(values, ((0, 1), (0, 0)), mode="edge")[1:]
    both = np.pad(values, ((0, 1), (0, 1)), mode="edge")[1:, 1:]
    return thinned((values != right) | (values != below) | (values != both))


# The eight neighbours of a pixel, counter-clockwise from the right, as in Guo and Hall (1989).
_NEIGHBOURS = ((0, 1), (-1, 1), (-1, 0), (-1, -1), (0, -1), (1, -1), (1, 0), (1, 1))


def _deletable() -> tuple[Bools, Bools]:
    """For both half steps: whether a pixel goes, by the 256 states of its neighbours."""
    tables = np.zeros((2, 256), np.bool_)
    for state in range(256):
        x = [state >> k & 1 for k in range(8)]
        crossings = sum(1 - x[i] and (x[i + 1] or x[(i + 2) % 8]) for i in (0, 2, 4, 6))
        odd = sum(x[i] or x[i + 1] for i in (0, 2, 4, 6))
        even = sum(x[i + 1] or x[(i + 2) % 8] for i in (0, 2, 4, 6))
        if crossings != 1 or not 2 <= min(odd, even) <= 3:
            continue
        tables[0, state] = not ((x[1] or x[2] or not x[7]) and x[0])
        tables[1, state] = not ((x[5] or x[6] or not x[3]) and x[4])
    return tables[0], tables[1]


_TABLES = _deletable()


def thinned(mask: Bools) -> Bools:
    """Thin (H, W) bool to lines of one pixel, as MATLAB's ``bwmorph(mask, "thin", inf)`` does."""
    padded = np.pad(np.asarray(mask, np.bool_), 1)
    inner = padded[1:-1, 1:-1]
    height, width = inner.shape
    unchanged = 0
    for turn in range(2 * (height + width)):
        (rows, columns) = np.nonzero(inner)
        state = np.zeros(len(rows), np.intp)
        for k, (down, right) in enumerate(_NEIGHBOURS):
            state |= padded[rows + 1 + down, columns + 1 + right].astype(np.intp) << k
        gone = _TABLES[turn % 2][state]
        inner[rows[gone], columns[gone]] = False
        unchanged = 0 if gone.any() else unchanged + 1
        if unchanged == 2:
            break
    return inner.copy()


@dataclass(frozen=True, eq=False)
class Pairs:
    """All pairs of an edge pixel and an annotator's pixel that are near enough.

    Sorted by the edge pixel's distance to the nearest of the annotator, then by the pair's.

    Attributes
    ----------
    edge
        (P,) flat indices into the image.
    truth
        (P,) numbers of the annotator's pixels.
    """

    edge: NDArray[np.intp]
    truth: NDArray[np.intp]
    truth_pixels: int

    @classmethod
    def of(cls, edges: Bools, truth: Bools, max_px: float) -> Pairs:
        places, others = np.argwhere(edges), np.argwhere(truth)
        if not len(places) or not len(others):
            none = np.zeros(0, np.intp)
            return cls(none, none, len(others))
        near = cKDTree(places).sparse_distance_matrix(
            cKDTree(others), max_px, output_type="coo_matrix"
        )
        nearest = np.full(len(places), np.inf)
        np.minimum.at(nearest, near.row, near.data)
        order = np.lexsort((near.data, near.row, nearest[near.row]))
        flat = np.ravel_multi_index(tuple(places.T), edges.shape)
        return cls(flat[near.row[order]], near.col[order].astype(np.intp), len(others))

    def matched(self, edges: Bools) -> NDArray[np.intp]:
        """Flat indices of the edge pixels that get a partner, each one of its own."""
        chosen = edges.ravel()[self.edge]
        edge, truth = self.edge[chosen], self.truth[chosen]
        if not len(edge):
            return edge
        starts = np.flatnonzero(np.diff(edge, prepend=-1))
        # The most that can flow from a source, node 0, through edge pixels, 1 to n, and the
        # annotator's pixels to a sink, a unit through each. (``maximum_bipartite_matching`` gives
        # the same in the same time, but for one graph in some hundred, which takes it minutes.)
        n, m = len(starts), self.truth_pixels
        targets = [np.arange(1, n + 1), 1 + n + truth, np.full(m, n + m + 1)]
        ends = np.cumsum([0, n, *np.diff(np.append(starts, len(edge))), *np.ones(m, int), 0])
        nodes = np.concatenate(targets).astype(np.int32)
        units = np.ones(len(nodes), np.int32)
        graph = csr_matrix((units, nodes, ends.astype(np.int32)), shape=(n + m + 2, n + m + 2))
        used = maximum_flow(graph, 0, n + m + 1, method="dinic").flow[0]
        return edge[starts][used.indices[used.data > 0] - 1]


@dataclass(frozen=True, eq=False)
class Counts:
    """What one image, or several, gave at each threshold: (K,) each."""

    matched_edges: Floats
    edges: Floats
    matched_truth: Floats
    truth: Floats

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.matched_edges + other.matched_edges,
            self.edges + other.edges,
            self.matched_truth + other.matched_truth,
            self.truth + other.truth,
        )

    @property
    def precision(self) -> Floats:
        return self.matched_edges / np.maximum(self.edges, np.finfo(float).eps)

    @property
    def recall(self) -> Floats:
        return self.matched_truth / np.maximum(self.truth, np.finfo(float).eps)

    def at(self, number: int) -> Counts:
        """The counts at one threshold alone."""
        one = slice(number, number + 1)
        fields = (self.matched_edges, self.edges, self.matched_truth, self.truth)
        return Counts(*(x[one] for x in fields))


def default_thresholds(count: int = THRESHOLDS) -> Floats:
    return np.linspace(0, 1, count + 2)[1:-1]


def count_matches(
    edges: NDArray[np.floating], annotators: Sequence[Bools], thresholds: Floats | None = None
) -> Counts:
    """Compare an edge map (H, W), 0 to 1, with every annotator's thin outlines."""
    cuts = default_thresholds() if thresholds is None else thresholds
    if any(one.shape != edges.shape for one in annotators) or not annotators:
        shapes = [one.shape for one in annotators]
        raise ValueError(f"expected annotators of the shape {edges.shape}, got {shapes}")
    max_px = MAX_DISTANCE * float(np.hypot(*edges.shape))
    candidates = edges >= max(np.finfo(float).eps, float(cuts.min()))
    pairs = [Pairs.of(candidates, truth, max_px) for truth in annotators]
    rows = np.zeros((4, len(cuts)))
    rows[3] = sum(one.truth_pixels for one in pairs)
    before: Bools | None = None
    for number, cut in enumerate(cuts):
        thin = thinned(edges >= max(np.finfo(float).eps, cut))
        if before is not None and np.array_equal(thin, before):
            rows[:, number] = rows[:, number - 1]
            continue
        before = thin
        any_match = np.zeros(edges.size, np.bool_)
        for one in pairs:
            matched = one.matched(thin)
            any_match[matched] = True
            rows[2, number] += len(matched)
        rows[:2, number] = any_match.sum(), thin.sum()
    return Counts(*rows)


def f_measure(precision: Floats, recall: Floats) -> Floats:
    return 2 * precision * recall / np.maximum(precision + recall, np.finfo(float).eps)


@dataclass(frozen=True)
class Figures:
    """The benchmark's four figures, 0 to 1."""

    ods: float
    ois: float
    ap: float
    r50: float
    threshold: float
    """Where ODS is."""

    def __str__(self) -> str:
        return f"ODS {self.ods:.3f}, OIS {self.ois:.3f}, AP {self.ap:.3f}, R50 {self.r50:.3f}"


def figures(images: Sequence[Counts], thresholds: Floats | None = None) -> Figures:
    """Sum up the counts of all images."""
    if not images:
        raise ValueError("there is no image to sum up")
    cuts = default_thresholds(len(images[0].edges)) if thresholds is None else thresholds
    total = sum(images[1:], images[0])
    each = [one.at(int(f_measure(one.precision, one.recall).argmax())) for one in images]
    own = sum(each[1:], each[0])
    ods, threshold = _best(total, cuts)
    return Figures(
        ods=ods,
        ois=float(f_measure(own.precision, own.recall)[0]),
        ap=_average_precision(total.precision, total.recall),
        r50=_recall_at_half(total.precision, total.recall),
        threshold=threshold,
    )


def _best(counts: Counts, cuts: Floats) -> tuple[float, float]:
    """The best F-measure, between thresholds as well, and the threshold it is at."""
    steps = np.linspace(0, len(cuts) - 1, 100 * (len(cuts) - 1) + 1)
    precision, recall, between = (
        np.interp(steps, np.arange(len(cuts)), x) for x in (counts.precision, counts.recall, cuts)
    )
    f = f_measure(precision, recall)
    return float(f.max()), float(between[f.argmax()])


def _average_precision(precision: Floats, recall: Floats) -> float:
    """Area under the curve, from hundredth to hundredth of the recall that is reached."""
    known, first = np.unique(recall[::-1], return_index=True)  # the strictest of equal ones
    if len(known) < 2:
        return float(precision.max() * recall.max())
    steps = np.linspace(0, 1, 101)
    inside = (steps >= known[0]) & (steps <= known[-1])
    return float(np.interp(steps[inside], known, precision[::-1][first]).sum() / 100)


def _recall_at_half(precision: Floats, recall: Floats) -> float:
    known, first = np.unique(precision, return_index=True)
    if len(known) < 2:
        return float(recall.max()) if known[0] >= 0.5 else 0.0
    wanted = max(float(known[0]), 0.5)
    return float(np.interp(wanted, known, recall[first], right=0.0))
