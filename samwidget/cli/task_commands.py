"""The commands that segment, with their options; what they do is imported when they run."""

from __future__ import annotations

import typer

from samwidget.cli import options as o
from samwidget.cli.request import Request


def predict(
    images: o.Images,
    point: o.Points = None,
    box: o.Boxes = None,
    text: o.Texts = None,
    detector: o.Detector = None,
    text_threshold: o.TextThreshold = None,
    multimask: o.Multimask = False,
    recursive: o.Recursive = False,
    out: o.Out = None,
    format: o.ObjectsFormat = None,  # noqa: A002
    as_json: o.AsJson = False,
    quiet: o.Quiet = False,
    progress: o.ShowProgress = None,
    model: o.ModelName = "nano",
    device: o.Device = "auto",
    precision: o.Precision = "auto",
) -> int:
    """Segment objects by points, boxes or words.

    All images are asked the same. Without --out what is found is listed.
    """
    request = Request(
        images, out, format, model, device, precision, recursive, as_json, quiet, progress
    )
    points, boxes, phrases = point or [], box or [], text or []
    options = {"detector": detector, "text_threshold": text_threshold}
    given = {name: value for name, value in options.items() if value is not None}
    _check_prompts(len(points), len(boxes), phrases, [*given], multimask)

    from samwidget.cli.running import run
    from samwidget.cli.tasks import predict_task, text_task

    task = text_task(phrases, **given) if phrases else predict_task(points, boxes, multimask)
    return run(task, request)


def everything(
    images: o.Images,
    preset: o.Preset = None,
    points_per_side: o.PointsPerSide = None,
    pred_iou_thresh: o.PredIouThresh = None,
    stability_score_thresh: o.StabilityScoreThresh = None,
    box_nms_thresh: o.BoxNmsThresh = None,
    crop_n_layers: o.CropNLayers = None,
    min_mask_region_area: o.MinMaskRegionArea = None,
    recursive: o.Recursive = False,
    out: o.Out = None,
    format: o.ObjectsFormat = None,  # noqa: A002
    as_json: o.AsJson = False,
    quiet: o.Quiet = False,
    progress: o.ShowProgress = None,
    model: o.ModelName = "nano",
    device: o.Device = "auto",
    precision: o.Precision = "auto",
) -> int:
    """Segment everything, by a grid of points.

    What is not set is what suits the model. Without --out what is found is listed.
    """
    request = Request(
        images, out, format, model, device, precision, recursive, as_json, quiet, progress
    )
    settings = {
        "points_per_side": points_per_side,
        "pred_iou_thresh": pred_iou_thresh,
        "stability_score_thresh": stability_score_thresh,
        "box_nms_thresh": box_nms_thresh,
        "crop_n_layers": crop_n_layers,
        "min_mask_region_area": min_mask_region_area,
    }
    given = {name: value for name, value in settings.items() if value is not None}

    from samwidget.cli.running import run
    from samwidget.cli.tasks import everything_task

    return run(everything_task(preset, given), request)


def proposals(
    images: o.Images,
    count: o.Count = 1000,
    recursive: o.Recursive = False,
    out: o.Out = None,
    format: o.ObjectsFormat = None,  # noqa: A002
    as_json: o.AsJson = False,
    quiet: o.Quiet = False,
    progress: o.ShowProgress = None,
    model: o.ModelName = "nano",
    device: o.Device = "auto",
    precision: o.Precision = "auto",
) -> int:
    """Propose objects, the likeliest first.

    Without --out they are listed.
    """
    request = Request(
        images, out, format, model, device, precision, recursive, as_json, quiet, progress
    )

    from samwidget.cli.running import run
    from samwidget.cli.tasks import proposals_task

    return run(proposals_task(count), request)


def edges(
    images: o.Images,
    out: o.EdgesOut,
    recursive: o.Recursive = False,
    format: o.EdgesFormat = None,  # noqa: A002
    as_json: o.AsJson = False,
    quiet: o.Quiet = False,
    progress: o.ShowProgress = None,
    model: o.ModelName = "nano",
    device: o.Device = "auto",
    precision: o.Precision = "auto",
) -> int:
    """Draw the edges of all objects, white on black."""
    request = Request(
        images, out, format, model, device, precision, recursive, as_json, quiet, progress
    )

    from samwidget.cli.running import run
    from samwidget.cli.tasks import edges_task

    return run(edges_task(), request)


def _check_prompts(
    points: int, boxes: int, phrases: list[str], text_options: list[str], multimask: bool
) -> None:
    if not (points or boxes or phrases):
        raise typer.BadParameter(
            "say what to segment with --point, --box or --text; `samwidget everything` needs none"
        )
    if phrases and (points or boxes or multimask):
        raise typer.BadParameter(
            "it finds things by itself; leave out --point, --box and --multimask",
            param_hint="'--text'",
        )
    if any(not phrase.strip() for phrase in phrases):
        raise typer.BadParameter("it is empty; say what to look for", param_hint="'--text'")
    if text_options and not phrases:
        option = "--" + text_options[0].replace("_", "-")
        raise typer.BadParameter("it is for --text, which is not there", param_hint=repr(option))
    if points and boxes and points != boxes:
        raise typer.BadParameter(
            f"points and boxes go together one by one, but there are {points} times --point and "
            f"{boxes} times --box; several points on one object go into one --point",
            param_hint="'--box'",
        )
