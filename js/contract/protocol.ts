// Generated from jupyter/protocol.py by `python js/generate_protocol.py`: do not edit.

export const ISO_LEVEL = 127.5;

export const LEVEL_CLAMP = 8;

export const PALETTE = ["#559cff", "#ff3a14", "#f7e500", "#6a1fe8", "#0aeee2", "#ff8090", "#8c1d0a", "#35058c", "#9ed61a", "#c70a74"] as const;

export type BoxXYXY = [number, number, number, number];

export type ExtentXYWH = [number, number, number, number];

export type Tool = "positive" | "negative" | "box" | "select" | "brush" | "eraser" | "polygon" | "scribble";

export type Phase = "empty" | "loading" | "embedding" | "ready" | "error";

export type Preset = "fast" | "balanced" | "fine";

/** Search the image for everything; answered when the search is over. What is found comes as :class:`Update` meanwhile. A search that is under way is given up. */
export interface FindEverything {
  kind: "find_everything";
  preset: "fast" | "balanced" | "fine";
}

/** Search the image for what the phrases in ``text``, commas between them, name. All else is as for :class:`FindEverything`. */
export interface FindText {
  kind: "find_text";
  text: string;
}

/** Something is different about what was found, or with null nothing is found any more. Masks of the same search that are known stay known. */
export interface FoundChange {
  found: FoundState | null;
}

/** One mask that a search has found; its id is no object's. ``label`` is the phrase that was searched for and ``detection_score`` what the detector said; empty and null when everything was searched for. */
export interface FoundMask {
  id: number;
  color: string;
  score: number;
  stability_score: number;
  area: number;
  field: LevelField;
  label: string;
  detection_score: number | null;
}

/** What the search numbered ``search`` has found. ``progress`` is 0 to 1, null when the search is over. ``shown`` are the ids of what passes the thresholds, doubles and what was taken left out, best first; ``masks`` are all that were ever shown, in an :class:`Update` those that are new. Below the ``least`` values nothing was searched for. ``text`` are the phrases that were searched for, empty when everything was. */
export interface FoundState {
  search: number;
  progress: number | null;
  pred_iou_thresh: number;
  stability_score_thresh: number;
  least_pred_iou_thresh: number;
  least_stability_score_thresh: number;
  shown: number[];
  masks: FoundMask[];
  text: string[];
  detection_score_thresh: number;
  least_detection_score_thresh: number;
}

/** Give up the search that is under way, whoever began it; what was found before is back. */
export interface StopFinding {
  kind: "stop_finding";
}

/** Send a small picture of an image of the list. */
export interface FetchThumbnail {
  kind: "fetch_thumbnail";
  index: number;
}

/** The person is done with the present image: turn to the next one if there is one. A draft with a mask becomes an object first, unless the image is skipped. */
export interface FinishImage {
  kind: "finish_image";
  mark: "submitted" | "skipped";
}

/** Turn to an image of the list, counted from 0; answered when it is shown. */
export interface GoToImage {
  kind: "go_to_image";
  index: number;
}

/** What became of one image of the list; ``objects`` is how many it had when it was left. */
export interface ImageMark {
  index: number;
  mark: "open" | "submitted" | "skipped";
  objects: number;
}

/** Something is different about the list of images, or with null there is none any more. */
export interface ImagesChange {
  images: ImagesState | null;
}

/** The list of images, where there is one, and which of them is the present one. ``title`` is its file's name, or empty. ``count`` are as many as are known, of more to come unless ``is_complete``. ``marks`` are those of images that were left, submitted or skipped; in an :class:`Update` those that are new or differ, where the ``generation`` is the same. */
export interface ImagesState {
  generation: number;
  index: number;
  count: number;
  is_complete: boolean;
  title: string;
  marks: ImageMark[];
}

/** A JPEG file of an image; ``title`` is empty where it has none. */
export interface ThumbnailReply {
  kind: "thumbnail";
  client: string;
  seq: number;
  title: string;
  data: DataView;
}

/** What the values are like that the picture was made from. The model sees the channels ``shown``, with ``shown_black`` and ``shown_white`` as 0 and 255. ``lowest`` and ``highest`` are the ends of each channel's values, ``black`` and ``white`` what it would be stretched between if it were shown alone. */
export interface ChannelsReply {
  kind: "channels";
  client: string;
  seq: number;
  dtype: string;
  shown: number[];
  shown_black: number;
  shown_white: number;
  lowest: number[];
  highest: number[];
  black: number[];
  white: number[];
}

/** What are the values like that the picture was made from? See :class:`ChannelsReply`. */
export interface DescribeChannels {
  kind: "describe_channels";
}

/** The values of a few pixels, as they were read. ``data`` holds ``height`` rows of ``width`` pixels of ``channels`` values as little-endian float32; pixel (``x``, ``y``) of the image comes first. ``is_whole``: they are integers. */
export interface PatchReply {
  kind: "patch";
  client: string;
  seq: number;
  x: number;
  y: number;
  width: number;
  height: number;
  channels: number;
  is_whole: boolean;
  data: DataView;
}

/** A picture as it was asked for, encoded like that of :class:`ImageState`. */
export interface PictureReply {
  kind: "picture";
  client: string;
  seq: number;
  data: DataView;
  mime: "image/jpeg" | "image/png";
}

/** Show a part of a large picture as fine as it is; what reaches beyond the image is cut. ``reduce`` pixels along each side become one. ``shown`` are the values to make it from, null for the picture that the model sees. ``exact`` for each pixel as it is, which are more bytes. Answered by :class:`PictureReply`. */
export interface ReadDetail {
  kind: "read_detail";
  x: number;
  y: number;
  width: number;
  height: number;
  reduce: number;
  shown: ShownValues | null;
  exact: boolean;
}

/** Which values have the pixels around this one? Answered by :class:`PatchReply`. */
export interface ReadPatch {
  kind: "read_patch";
  x: number;
  y: number;
}

/** Make another picture of the values, for one who looks; the model goes on seeing its own. ``bands`` are one channel or three, ``black`` and ``white`` the values that are to be 0 and 255. Answered by :class:`PictureReply`. */
export interface RenderPicture {
  kind: "render_picture";
  bands: number[];
  black: number;
  white: number;
}

/** Which values a picture shows, see :class:`RenderPicture`. */
export interface ShownValues {
  bands: number[];
  black: number;
  white: number;
}

/** One mask as a small grey image whose iso-line at ``ISO_LEVEL`` is the mask's border. ``data`` holds ``stride`` bytes a row; the first ``width`` of each of the first ``height`` rows count. Cell (i, j) is a sample at the centre of the i-th of ``width`` by j-th of ``height`` equal cells that fill ``extent_xywh``, which may reach beyond the image. */
export interface LevelField {
  width: number;
  height: number;
  stride: number;
  extent_xywh: ExtentXYWH;
  data: DataView;
}

/** A click: ``label`` 1 is foreground, 0 background. */
export interface PointPrompt {
  x: number;
  y: number;
  label: 0 | 1;
}

/** The picture as the browser shows it. ``data`` is an encoded image (``mime``) of any resolution, already upright; ``width`` and ``height`` are the size of the image frame in pixels, over which it is stretched. ``view_xyxy`` is what a view shows of it first, null for all of it. */
export interface ImageState {
  data: DataView;
  mime: "image/jpeg" | "image/png";
  width: number;
  height: number;
  view_xyxy: BoxXYXY | null;
}

/** What the kernel is doing. ``progress`` is 0 to 1, null when unknown. ``device`` is where the model runs, such as "cpu" or "cuda:0"; empty until it is ready. */
export interface Status {
  phase: Phase;
  message: string;
  progress: number | null;
  device: string;
}

/** The object in the making: its prompts and, once predicted, its candidate masks. ``field`` is the chosen candidate, null while there is none; ``scores`` are the model's IoU predictions of all candidates, ``choice`` the index of the chosen one. ``reopened`` is the id of the committed object that is being refined, null for a new one. ``painted`` tells that a hand has made the mask, which has no scores then; ``rings`` are as in :class:`ObjectState`. ``threshold`` is where the field's border lies, in logits of the model; null where it was drawn, so that there is none. ``candidates`` are small fields of all candidates where there are several, at that threshold. */
export interface DraftState {
  points: PointPrompt[];
  box_xyxy: BoxXYXY | null;
  field: LevelField | null;
  scores: number[];
  choice: number;
  reopened: number | null;
  painted: boolean;
  rings: [number, number][][] | null;
  threshold: number | null;
  candidates: LevelField[];
}

/** One committed object. ``color`` is ``#rrggbb``; ``area`` counts pixels of the full mask. A ``hidden`` one is not drawn, a ``locked`` one keeps its mask and is not deleted. ``field`` is null only in an :class:`Update`, where the mask is the one that is known already. ``rings`` are the corners of the polygons that the mask is, null where it was made otherwise. */
export interface ObjectState {
  id: number;
  label: string;
  color: string;
  score: number;
  area: number;
  box_xyxy: BoxXYXY;
  field: LevelField | null;
  hidden: boolean;
  locked: boolean;
  rings: [number, number][][] | null;
}

/** Work of an earlier session: so many objects, saved at a time in ISO 8601. ``images`` is on how many images of the list they are, 0 without a list. */
export interface KeptState {
  count: number;
  saved_at: string;
  images: number;
}

/** What toolbar, object list and status line show. ``region_xyxy`` is the part of the image that the model sees of new drafts, null for all of it. ``selected`` is the last of ``selection``, null when it is empty. ``class_colors`` has one for each class, "" for those without a colour of their own. ``kept`` is offered until it is restored or dropped. ``exclusive`` tells that a pixel belongs to one object only. */
export interface Controls {
  tool: Tool;
  label: string;
  classes: string[];
  selected: number | null;
  draft_color: string;
  can_undo: boolean;
  can_redo: boolean;
  model: string;
  region_xyxy: BoxXYXY | null;
  selection: number[];
  class_colors: string[];
  kept: KeptState | null;
  exclusive: boolean;
}

/** Everything, as of the update numbered ``revision``. */
export interface Snapshot {
  revision: number;
  image: ImageState | null;
  status: Status;
  draft: DraftState;
  objects: ObjectState[];
  found: FoundState | null;
  controls: Controls;
  images: ImagesState | null;
}

/** Every synced trait of the widget that is ours, by its name. */
export interface SyncedState {
  _state: Snapshot;
  pixel_size: number | null;
  unit: string;
}

/** Another image, or with null none any more. */
export interface ImageChange {
  image: ImageState | null;
}

/** ``order`` lists the ids of all objects there are now, bottom to top. ``changed`` holds those that are new or differ; the others stay as they are known. */
export interface ObjectsChange {
  order: number[];
  changed: ObjectState[];
}

/** What changed in one moment; null parts stay as they are. It turns the state of revision ``after`` into that of ``revision``. Whoever has another one asks with :class:`Refresh`; ``after`` is null in the answer to that, which holds everything but a picture that the asker has. */
export interface Update {
  kind: "update";
  revision: number;
  after: number | null;
  image: ImageChange | null;
  status: Status | null;
  draft: DraftState | null;
  objects: ObjectsChange | null;
  found: FoundChange | null;
  controls: Controls | null;
  images: ImagesChange | null;
}

/** Which mask would a first positive click here give? Only the newest one is worked on. */
export interface Preview {
  kind: "preview";
  x: number;
  y: number;
}

/** Give up the request ``target_seq`` of the same client if it has not been worked on yet. */
export interface Cancel {
  kind: "cancel";
  target_seq: number;
}

/** Send an :class:`Update` that holds everything, unless the state is still of ``revision``. -1 asks for all of it in any case. */
export interface Refresh {
  kind: "refresh";
  revision: number;
}

/** So many views of the widget are on this client's page; 0 when the last one goes. */
export interface ReportViews {
  kind: "report_views";
  count: number;
}

/** The client's page goes, perhaps only to be loaded again. */
export interface LeavePage {
  kind: "leave_page";
}

/** What is on the screen has come to rest; answered when the model sees as finely, if it can. ``view_xyxy`` may reach beyond the image, ``screen_scale`` is how many pixels of the screen a pixel of the image takes. A newer one of any client takes the place of one under way. */
export interface ShowView {
  kind: "show_view";
  view_xyxy: BoxXYXY;
  screen_scale: number;
}

/** A request with its return address: ``client`` names one page's connection, ``seq`` counts. */
export interface Envelope {
  client: string;
  seq: number;
  request: Request;
}

/** The request was carried out; the update that it led to has been sent before this reply. */
export interface DoneReply {
  kind: "done";
  client: string;
  seq: number;
}

export interface PreviewReply {
  kind: "preview";
  client: string;
  seq: number;
  score: number;
  field: LevelField;
}

/** The request failed and changed nothing. ``client`` and ``seq`` are null when the message was too broken to have them. */
export interface ErrorReply {
  kind: "error";
  client: string | null;
  seq: number | null;
  message: string;
}

/** The request was overtaken by a newer one, or given up by its sender. */
export interface CancelledReply {
  kind: "cancelled";
  client: string;
  seq: number;
}

/** Add a click to the draft; it refines the mask there is. ``label`` 1 belongs to the object. */
export interface AddPoint {
  kind: "add_point";
  x: number;
  y: number;
  label: 0 | 1;
}

/** Put one of the draft's points elsewhere; its label stays. */
export interface MovePoint {
  kind: "move_point";
  index: number;
  x: number;
  y: number;
}

/** Take one of the draft's points away. */
export interface RemovePoint {
  kind: "remove_point";
  index: number;
}

/** Give the draft a box, between two corners in any order, or with null take it away. */
export interface SetBox {
  kind: "set_box";
  box_xyxy: BoxXYXY | null;
}

/** Add several clicks to the draft as one step, such as those of a scribble. Each is (x, y, label); they refine the mask there is. */
export interface AddPoints {
  kind: "add_points";
  points: ([number, number, 0 | 1])[];
}

/** Take another of the draft's candidate masks; later points refine that one. */
export interface ChooseMask {
  kind: "choose_mask";
  index: number;
}

/** Move the draft's border: inside is what the model gave more than so many logits; 0 at first. Prompts that follow keep it. */
export interface SetThreshold {
  kind: "set_threshold";
  threshold: number;
}

/** Have the model draw the draft's mask anew: it is asked with the mask and a box around it. For a mask that was drawn or given, and is about right. */
export interface RefitMask {
  kind: "refit_mask";
}

/** Give up the draft; a reopened object goes back as it was. */
export interface ClearPrompts {
  kind: "clear_prompts";
}

/** Make the draft an object called ``label``, null for the label that is set; selects it. */
export interface Commit {
  kind: "commit";
  label: string | null;
}

/** Make an object the draft again, so that more prompts refine it; Commit puts it back. */
export interface ReopenObject {
  kind: "reopen_object";
  id: number;
}

/** Select an object, or with null none; no step of the history. */
export interface SelectObject {
  kind: "select_object";
  id: number | null;
}

/** Delete an object. */
export interface DeleteObject {
  kind: "delete_object";
  id: number;
}

/** Give an object another label. */
export interface RelabelObject {
  kind: "relabel_object";
  id: number;
  label: string;
}

/** Give up the draft and delete all objects but the locked ones. */
export interface ClearAll {
  kind: "clear_all";
}

/** Make found masks objects, on top of the others: those with these ids, null for all shown. One step of the history. What was taken is not shown as found any more; taking it again does nothing. A single one is selected. What a phrase found is called so. */
export interface TakeFound {
  kind: "take_found";
  ids: number[] | null;
}

/** Show what is above these thresholds, without another search; no step of the history. */
export interface FilterFound {
  kind: "filter_found";
  pred_iou_thresh: number;
  stability_score_thresh: number;
  detection_score_thresh: number;
}

/** Let the model see of new drafts this part of the image alone, or with null all of it. A setting, no step of undo. Corners are whole pixels; a draft that is there keeps its part. */
export interface LookCloser {
  kind: "look_closer";
  region_xyxy: BoxXYXY | null;
}

/** Forget what was found, and end the search for it; no step of the history. */
export interface DropFound {
  kind: "drop_found";
}

/** Add what a round brush covers along a path, or with ``add`` false take it away. A pixel is covered when its centre is at most ``radius`` away from the path. */
export interface PaintStroke {
  kind: "paint_stroke";
  points: [number, number][];
  radius: number;
  add: boolean;
  id: number | null;
}

/** Add what is within a polygon, or with ``add`` false take it away. A pixel is within when its centre is; the last corner is joined to the first. */
export interface PaintPolygon {
  kind: "paint_polygon";
  points: [number, number][];
  add: boolean;
  id: number | null;
}

/** Make the mask the inside of polygons: a ring within another is a hole. */
export interface SetOutline {
  kind: "set_outline";
  rings: [number, number][][];
  id: number | null;
}

/** Clean or change a mask as a whole. ``amount`` is in pixels for ``grow``, ``shrink`` and ``smooth``. ``fill_holes`` fills holes of at most this share of the mask's area, ``drop_islands`` leaves out islands of less; the largest and those with a positive point stay. */
export interface ReshapeMask {
  kind: "reshape_mask";
  operation: "fill_holes" | "drop_islands" | "grow" | "shrink" | "smooth";
  amount: number;
  id: number | null;
}

/** Change the first of these objects by the others. ``union`` and ``intersect`` leave one object, with the first one's id, name, colour and place; after ``subtract`` the others stay as they are. */
export interface CombineObjects {
  kind: "combine_objects";
  operation: "union" | "subtract" | "intersect";
  ids: number[];
}

/** Make an object of each island of an object's mask; the largest one stays what it was. The others come right above it, with its name; pixels that touch at a corner belong together. */
export interface SplitObject {
  kind: "split_object";
  id: number;
}

/** Say whether a pixel belongs to one object only; no step of the history. If so, whatever is made or changed from then on takes its pixels from the other objects, and an object without any pixel left goes. What overlaps already stays so. */
export interface SetExclusive {
  kind: "set_exclusive";
  exclusive: boolean;
}

/** Set the label that the next committed object gets. */
export interface SetLabel {
  kind: "set_label";
  label: string;
}

/** Set the labels to choose from; ``colors`` has one for each, "" for the palette's. Objects of a class whose colour changes take it, too, also in what undo goes back to. With null for the colours, those of classes that stay are kept. */
export interface SetClasses {
  kind: "set_classes";
  classes: string[];
  colors: string[] | null;
}

/** Set the tool that all views show as active. */
export interface SetTool {
  kind: "set_tool";
  tool: Tool;
}

/** Take the last step back; without one nothing happens. */
export interface Undo {
  kind: "undo";
}

/** Do again what was undone; without any nothing happens. */
export interface Redo {
  kind: "redo";
}

/** Select these objects and no others; no step of the history. The last one is the one that edits of a single object are about. */
export interface SelectObjects {
  kind: "select_objects";
  ids: number[];
}

/** Delete objects; a locked one is refused. */
export interface DeleteObjects {
  kind: "delete_objects";
  ids: number[];
}

/** Give objects another label, and with it the colour of that class if it has one. */
export interface RelabelObjects {
  kind: "relabel_objects";
  ids: number[];
  label: string;
}

/** Give objects another colour, ``"#rrggbb"``. */
export interface RecolorObjects {
  kind: "recolor_objects";
  ids: number[];
  color: string;
}

/** Draw objects no more, or again; they count all the same. */
export interface HideObjects {
  kind: "hide_objects";
  ids: number[];
  hidden: boolean;
}

/** Keep objects from being changed or deleted, or no more. */
export interface LockObjects {
  kind: "lock_objects";
  ids: number[];
  locked: boolean;
}

/** Put objects, in the order in which they are, at another place among the others. ``index`` counts the others below them: 0 puts them at the bottom. */
export interface ReorderObjects {
  kind: "reorder_objects";
  ids: number[];
  index: number;
}

/** Add a label to choose from; one that is there stays, with the colour that is given. Without a colour ("") it gets a free one of the palette where other classes have colours, else none. */
export interface AddClass {
  kind: "add_class";
  name: string;
  color: string;
}

/** Go on with the work that was kept; what was done since is given up. */
export interface RestoreWork {
  kind: "restore_work";
}

/** Offer the work that was kept no longer; its file stays. No step of the history. */
export interface DropWork {
  kind: "drop_work";
}

export type WireEdit =
  | AddPoint
  | MovePoint
  | RemovePoint
  | SetBox
  | AddPoints
  | ChooseMask
  | SetThreshold
  | RefitMask
  | ClearPrompts
  | Commit
  | ReopenObject
  | SelectObject
  | DeleteObject
  | RelabelObject
  | ClearAll
  | TakeFound
  | FilterFound
  | LookCloser
  | DropFound
  | PaintStroke
  | PaintPolygon
  | SetOutline
  | ReshapeMask
  | CombineObjects
  | SplitObject
  | SetExclusive
  | SetLabel
  | SetClasses
  | SetTool
  | Undo
  | Redo
  | SelectObjects
  | DeleteObjects
  | RelabelObjects
  | RecolorObjects
  | HideObjects
  | LockObjects
  | ReorderObjects
  | AddClass
  | RestoreWork
  | DropWork;

export type Request =
  | AddPoint
  | MovePoint
  | RemovePoint
  | SetBox
  | AddPoints
  | ChooseMask
  | SetThreshold
  | RefitMask
  | ClearPrompts
  | Commit
  | ReopenObject
  | SelectObject
  | DeleteObject
  | RelabelObject
  | ClearAll
  | TakeFound
  | FilterFound
  | LookCloser
  | DropFound
  | PaintStroke
  | PaintPolygon
  | SetOutline
  | ReshapeMask
  | CombineObjects
  | SplitObject
  | SetExclusive
  | SetLabel
  | SetClasses
  | SetTool
  | Undo
  | Redo
  | SelectObjects
  | DeleteObjects
  | RelabelObjects
  | RecolorObjects
  | HideObjects
  | LockObjects
  | ReorderObjects
  | AddClass
  | RestoreWork
  | DropWork
  | Preview
  | Cancel
  | Refresh
  | ReportViews
  | LeavePage
  | FindEverything
  | ShowView
  | StopFinding
  | ReadPatch
  | DescribeChannels
  | RenderPicture
  | FindText
  | GoToImage
  | FinishImage
  | FetchThumbnail
  | ReadDetail;

export type Reply =
  | DoneReply
  | PreviewReply
  | ErrorReply
  | CancelledReply
  | PatchReply
  | ChannelsReply
  | PictureReply
  | ThumbnailReply;

/** What each field of what comes from the kernel holds, for `guards.ts`. */
export const SHAPES = {
  Snapshot: {"revision": "integer", "image": {"nullable": {"fields_of": "ImageState"}}, "status": {"fields_of": "Status"}, "draft": {"fields_of": "DraftState"}, "objects": {"list": {"fields_of": "ObjectState"}}, "found": {"nullable": {"fields_of": "FoundState"}}, "controls": {"fields_of": "Controls"}, "images": {"nullable": {"fields_of": "ImagesState"}}},
  ImageState: {"data": "binary", "mime": {"one_of": ["image/jpeg", "image/png"]}, "width": "integer", "height": "integer", "view_xyxy": {"nullable": {"tuple": ["number", "number", "number", "number"]}}},
  Status: {"phase": {"one_of": ["empty", "loading", "embedding", "ready", "error"]}, "message": "string", "progress": {"nullable": "number"}, "device": "string"},
  DraftState: {"points": {"list": {"fields_of": "PointPrompt"}}, "box_xyxy": {"nullable": {"tuple": ["number", "number", "number", "number"]}}, "field": {"nullable": {"fields_of": "LevelField"}}, "scores": {"list": "number"}, "choice": "integer", "reopened": {"nullable": "integer"}, "painted": "boolean", "rings": {"nullable": {"list": {"list": {"tuple": ["number", "number"]}}}}, "threshold": {"nullable": "number"}, "candidates": {"list": {"fields_of": "LevelField"}}},
  PointPrompt: {"x": "number", "y": "number", "label": {"one_of": [0, 1]}},
  LevelField: {"width": "integer", "height": "integer", "stride": "integer", "extent_xywh": {"tuple": ["number", "number", "number", "number"]}, "data": "binary"},
  ObjectState: {"id": "integer", "label": "string", "color": "string", "score": "number", "area": "integer", "box_xyxy": {"tuple": ["number", "number", "number", "number"]}, "field": {"nullable": {"fields_of": "LevelField"}}, "hidden": "boolean", "locked": "boolean", "rings": {"nullable": {"list": {"list": {"tuple": ["number", "number"]}}}}},
  FoundState: {"search": "integer", "progress": {"nullable": "number"}, "pred_iou_thresh": "number", "stability_score_thresh": "number", "least_pred_iou_thresh": "number", "least_stability_score_thresh": "number", "shown": {"list": "integer"}, "masks": {"list": {"fields_of": "FoundMask"}}, "text": {"list": "string"}, "detection_score_thresh": "number", "least_detection_score_thresh": "number"},
  FoundMask: {"id": "integer", "color": "string", "score": "number", "stability_score": "number", "area": "integer", "field": {"fields_of": "LevelField"}, "label": "string", "detection_score": {"nullable": "number"}},
  Controls: {"tool": {"one_of": ["positive", "negative", "box", "select", "brush", "eraser", "polygon", "scribble"]}, "label": "string", "classes": {"list": "string"}, "selected": {"nullable": "integer"}, "draft_color": "string", "can_undo": "boolean", "can_redo": "boolean", "model": "string", "region_xyxy": {"nullable": {"tuple": ["number", "number", "number", "number"]}}, "selection": {"list": "integer"}, "class_colors": {"list": "string"}, "kept": {"nullable": {"fields_of": "KeptState"}}, "exclusive": "boolean"},
  KeptState: {"count": "integer", "saved_at": "string", "images": "integer"},
  ImagesState: {"generation": "integer", "index": "integer", "count": "integer", "is_complete": "boolean", "title": "string", "marks": {"list": {"fields_of": "ImageMark"}}},
  ImageMark: {"index": "integer", "mark": {"one_of": ["open", "submitted", "skipped"]}, "objects": "integer"},
  Update: {"kind": {"one_of": ["update"]}, "revision": "integer", "after": {"nullable": "integer"}, "image": {"nullable": {"fields_of": "ImageChange"}}, "status": {"nullable": {"fields_of": "Status"}}, "draft": {"nullable": {"fields_of": "DraftState"}}, "objects": {"nullable": {"fields_of": "ObjectsChange"}}, "found": {"nullable": {"fields_of": "FoundChange"}}, "controls": {"nullable": {"fields_of": "Controls"}}, "images": {"nullable": {"fields_of": "ImagesChange"}}},
  ImageChange: {"image": {"nullable": {"fields_of": "ImageState"}}},
  ObjectsChange: {"order": {"list": "integer"}, "changed": {"list": {"fields_of": "ObjectState"}}},
  FoundChange: {"found": {"nullable": {"fields_of": "FoundState"}}},
  ImagesChange: {"images": {"nullable": {"fields_of": "ImagesState"}}},
  DoneReply: {"kind": {"one_of": ["done"]}, "client": "string", "seq": "integer"},
  PreviewReply: {"kind": {"one_of": ["preview"]}, "client": "string", "seq": "integer", "score": "number", "field": {"fields_of": "LevelField"}},
  ErrorReply: {"kind": {"one_of": ["error"]}, "client": {"nullable": "string"}, "seq": {"nullable": "integer"}, "message": "string"},
  CancelledReply: {"kind": {"one_of": ["cancelled"]}, "client": "string", "seq": "integer"},
  PatchReply: {"kind": {"one_of": ["patch"]}, "client": "string", "seq": "integer", "x": "integer", "y": "integer", "width": "integer", "height": "integer", "channels": "integer", "is_whole": "boolean", "data": "binary"},
  ChannelsReply: {"kind": {"one_of": ["channels"]}, "client": "string", "seq": "integer", "dtype": "string", "shown": {"list": "integer"}, "shown_black": "number", "shown_white": "number", "lowest": {"list": "number"}, "highest": {"list": "number"}, "black": {"list": "number"}, "white": {"list": "number"}},
  PictureReply: {"kind": {"one_of": ["picture"]}, "client": "string", "seq": "integer", "data": "binary", "mime": {"one_of": ["image/jpeg", "image/png"]}},
  ThumbnailReply: {"kind": {"one_of": ["thumbnail"]}, "client": "string", "seq": "integer", "title": "string", "data": "binary"},
} as const;

/** The messages that come from the kernel, by their kind. */
export const MESSAGES = {"update": "Update", "done": "DoneReply", "preview": "PreviewReply", "error": "ErrorReply", "cancelled": "CancelledReply", "patch": "PatchReply", "channels": "ChannelsReply", "picture": "PictureReply", "thumbnail": "ThumbnailReply"} as const;
