"""The options that commands have in common, and what their help says."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from samwidget.cli.parsing import Box, Clicks, box, clicks, number, whole

_RESULT, _MODEL, _GRID = "What comes out", "The model", "How to search"

Images = Annotated[
    list[str],
    typer.Argument(
        metavar="IMG",
        show_default=False,
        help="Files, folders, patterns such as 'photos/*.jpg', or http(s) addresses.",
    ),
]
Recursive = Annotated[
    bool, typer.Option("--recursive", "-r", help="Of a folder take its folders, too.")
]

# ------------------------------------------------------------------------------------- results

Out = Annotated[
    str | None,
    typer.Option(
        "--out",
        "-o",
        metavar="OUT",
        rich_help_panel=_RESULT,
        help="A file or a folder. The ending of a file says the format: .png and .jpg are the "
        "image with the objects painted over it, .json is COCO, of all images together. A folder "
        "gets a file for each image.",
    ),
]
EdgesOut = Annotated[
    str,
    typer.Option(
        "--out",
        "-o",
        metavar="OUT",
        show_default=False,
        rich_help_panel=_RESULT,
        help="A file (.png, .npy, .tif), or a folder, which gets a file for each image.",
    ),
]
ObjectsFormat = Annotated[
    str | None,
    typer.Option(
        "--format",
        "-f",
        metavar="FORMAT",
        rich_help_panel=_RESULT,
        help="overlay, mask (255 where an object is), labels (each pixel the number of its "
        "object), coco, or json.",
    ),
]
EdgesFormat = Annotated[
    str | None,
    typer.Option(
        "--format",
        "-f",
        metavar="FORMAT",
        rich_help_panel=_RESULT,
        help="png (8-bit grey), npy or tiff (float32, 0 to 1).",
    ),
]
AsJson = Annotated[
    bool,
    typer.Option(
        "--json",
        rich_help_panel=_RESULT,
        help="Print a JSON list with an entry for each image, also for those that failed.",
    ),
]
Quiet = Annotated[
    bool,
    typer.Option("--quiet", "-q", rich_help_panel=_RESULT, help="Say nothing but errors."),
]
ShowProgress = Annotated[
    bool | None,
    typer.Option(
        "--progress/--no-progress",
        rich_help_panel=_RESULT,
        show_default="on a terminal",
        help="Show bars, on stderr.",
    ),
]

# --------------------------------------------------------------------------------------- model

ModelName = Annotated[
    str,
    typer.Option(
        "--model",
        "-m",
        metavar="NAME",
        rich_help_panel=_MODEL,
        help="A name that `samwidget models` lists, or a path of weights.",
    ),
]
Device = Annotated[
    str,
    typer.Option(
        "--device", metavar="DEVICE", rich_help_panel=_MODEL, help="auto, cpu, cuda, cuda:N or mps."
    ),
]
Precision = Annotated[
    Literal["auto", "float32", "bfloat16"],
    typer.Option(
        "--precision",
        metavar="NAME",
        rich_help_panel=_MODEL,
        help="auto, float32 or bfloat16; see the README on speed.",
    ),
]

# ------------------------------------------------------------------------------------- prompts

Points = Annotated[
    list[Clicks] | None,
    typer.Option(
        "--point",
        parser=clicks,
        metavar="X,Y",
        help="A point on an object, in pixels. Each --point is an object of its own; for several "
        'points on one put them into one: "900,370 950,400 20,20,0", where a third number 0 says '
        "that the point does not belong to it.",
    ),
]
Boxes = Annotated[
    list[Box] | None,
    typer.Option(
        "--box",
        parser=box,
        metavar="X1,Y1,X2,Y2",
        help="A box around an object, in pixels. Together with points: the first box belongs to "
        "the object of the first --point, and so on.",
    ),
]
Texts = Annotated[
    list[str] | None,
    typer.Option(
        "--text",
        metavar="TEXT",
        help='What to look for, such as "a wheel"; give several for several classes. Needs '
        "samwidget\\[text].",
    ),
]
Detector = Annotated[
    str | None,
    typer.Option("--detector", metavar="NAME", help="For --text: a name, or a path of weights."),
]
TextThreshold = Annotated[
    float | None,
    typer.Option(
        "--text-threshold",
        parser=number(0, 1),
        metavar="0-1",
        help="For --text: how sure the detector must be.",
    ),
]
Multimask = Annotated[
    bool, typer.Option("--multimask", help="Three candidates for each object instead of one.")
]

# ---------------------------------------------------------------------------------- everything

Preset = Annotated[
    Literal["fast", "balanced", "fine"] | None,
    typer.Option(
        "--preset",
        metavar="NAME",
        rich_help_panel=_GRID,
        help="fast, balanced or fine: how thoroughly to search. What is set beside it counts more.",
    ),
]
Count = Annotated[
    int,
    typer.Option("--count", "-n", parser=whole(1), metavar="N", help="How many at the most."),
]
PointsPerSide = Annotated[
    int | None,
    typer.Option(
        "--points-per-side",
        parser=whole(1),
        metavar="N",
        rich_help_panel=_GRID,
        help="Rows and columns of the grid of points.",
    ),
]
PredIouThresh = Annotated[
    float | None,
    typer.Option(
        "--pred-iou-thresh",
        parser=number(0),
        metavar="F",
        rich_help_panel=_GRID,
        help="Keep masks with a higher score.",
    ),
]
StabilityScoreThresh = Annotated[
    float | None,
    typer.Option(
        "--stability-score-thresh",
        parser=number(0, 1),
        metavar="0-1",
        rich_help_panel=_GRID,
        help="Keep masks that are at least as stable.",
    ),
]
BoxNmsThresh = Annotated[
    float | None,
    typer.Option(
        "--box-nms-thresh",
        parser=number(0, 1),
        metavar="0-1",
        rich_help_panel=_GRID,
        help="Of two masks whose boxes overlap by more (IoU) keep the better.",
    ),
]
CropNLayers = Annotated[
    int | None,
    typer.Option(
        "--crop-n-layers",
        parser=whole(0),
        metavar="N",
        rich_help_panel=_GRID,
        help="Search enlarged crops, too, in so many layers.",
    ),
]
MinMaskRegionArea = Annotated[
    float | None,
    typer.Option(
        "--min-mask-region-area",
        parser=number(0),
        metavar="PIXELS",
        rich_help_panel=_GRID,
        help="Fill holes and drop islands that are smaller.",
    ),
]
