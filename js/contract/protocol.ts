// Generated from jupyter/protocol.py by `python js/generate_protocol.py`: do not edit.

export const ISO_LEVEL = 127.5;

export type BoxXYXY = [number, number, number, number];

export type ExtentXYWH = [number, number, number, number];

export type Tool = "positive" | "negative" | "box" | "select";

export type Phase = "empty" | "loading" | "embedding" | "ready" | "error";

export type Preset = "fast" | "balanced" | "fine";

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

/** The picture as the browser shows it. ``data`` is an encoded image (``mime``) of any resolution, already upright; ``width`` and ``height`` are the size of the image frame in pixels, over which it is stretched. */
export interface ImageState {
  data: DataView;
  mime: "image/jpeg" | "image/png";
  width: number;
  height: number;
}

/** What the kernel is doing. ``progress`` is 0 to 1, null when unknown. */
export interface Status {
  phase: Phase;
  message: string;
  progress: number | null;
}

/** The object in the making: its prompts and, once predicted, its candidate masks. ``field`` is the chosen candidate, null while there is none; ``scores`` are the model's IoU predictions of all candidates, ``choice`` the index of the chosen one. ``reopened`` is the id of the committed object that is being refined, null for a new one. */
export interface DraftState {
  points: PointPrompt[];
  box_xyxy: BoxXYXY | null;
  field: LevelField | null;
  scores: number[];
  choice: number;
  reopened: number | null;
}

/** One committed object. ``color`` is ``#rrggbb``; ``area`` counts pixels of the full mask. ``field`` is null only in an :class:`Update`, where the mask is the one that is known already. */
export interface ObjectState {
  id: number;
  label: string;
  color: string;
  score: number;
  area: number;
  box_xyxy: BoxXYXY;
  field: LevelField | null;
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

/** What toolbar, object list and status line show. ``region_xyxy`` is the part of the image that the model sees of new drafts, null for all of it. */
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
}

/** Every synced trait of the widget that is ours, by its name. */
export interface SyncedState {
  _state: Snapshot;
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

/** Something is different about what was found, or with null nothing is found any more. Masks of the same search that are known stay known. */
export interface FoundChange {
  found: FoundState | null;
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

/** What is on the screen has come to rest; answered when the model sees as finely, if it can. ``view_xyxy`` may reach beyond the image, ``screen_scale`` is how many pixels of the screen a pixel of the image takes. A newer one of any client takes the place of one under way. */
export interface ShowView {
  kind: "show_view";
  view_xyxy: BoxXYXY;
  screen_scale: number;
}

/** Give up the search that is under way, whoever began it; what was found before is back. */
export interface StopFinding {
  kind: "stop_finding";
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

/** Take another of the draft's candidate masks; later points refine that one. */
export interface ChooseMask {
  kind: "choose_mask";
  index: number;
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

/** Give up the draft and delete all objects. */
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

/** Set the label that the next committed object gets. */
export interface SetLabel {
  kind: "set_label";
  label: string;
}

/** Set the labels to choose from. */
export interface SetClasses {
  kind: "set_classes";
  classes: string[];
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

export type WireEdit =
  | AddPoint
  | MovePoint
  | RemovePoint
  | SetBox
  | ChooseMask
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
  | SetLabel
  | SetClasses
  | SetTool
  | Undo
  | Redo;

export type Request =
  | AddPoint
  | MovePoint
  | RemovePoint
  | SetBox
  | ChooseMask
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
  | SetLabel
  | SetClasses
  | SetTool
  | Undo
  | Redo
  | Preview
  | Cancel
  | Refresh
  | ReportViews
  | LeavePage
  | FindEverything
  | FindText
  | ShowView
  | StopFinding;

export type Reply =
  | DoneReply
  | PreviewReply
  | ErrorReply
  | CancelledReply;

/** What each field of what comes from the kernel holds, for `guards.ts`. */
export const SHAPES = {
  Snapshot: {"revision": "integer", "image": {"nullable": {"fields_of": "ImageState"}}, "status": {"fields_of": "Status"}, "draft": {"fields_of": "DraftState"}, "objects": {"list": {"fields_of": "ObjectState"}}, "found": {"nullable": {"fields_of": "FoundState"}}, "controls": {"fields_of": "Controls"}},
  ImageState: {"data": "binary", "mime": {"one_of": ["image/jpeg", "image/png"]}, "width": "integer", "height": "integer"},
  Status: {"phase": {"one_of": ["empty", "loading", "embedding", "ready", "error"]}, "message": "string", "progress": {"nullable": "number"}},
  DraftState: {"points": {"list": {"fields_of": "PointPrompt"}}, "box_xyxy": {"nullable": {"tuple": ["number", "number", "number", "number"]}}, "field": {"nullable": {"fields_of": "LevelField"}}, "scores": {"list": "number"}, "choice": "integer", "reopened": {"nullable": "integer"}},
  PointPrompt: {"x": "number", "y": "number", "label": {"one_of": [0, 1]}},
  LevelField: {"width": "integer", "height": "integer", "stride": "integer", "extent_xywh": {"tuple": ["number", "number", "number", "number"]}, "data": "binary"},
  ObjectState: {"id": "integer", "label": "string", "color": "string", "score": "number", "area": "integer", "box_xyxy": {"tuple": ["number", "number", "number", "number"]}, "field": {"nullable": {"fields_of": "LevelField"}}},
  FoundState: {"search": "integer", "progress": {"nullable": "number"}, "pred_iou_thresh": "number", "stability_score_thresh": "number", "least_pred_iou_thresh": "number", "least_stability_score_thresh": "number", "shown": {"list": "integer"}, "masks": {"list": {"fields_of": "FoundMask"}}, "text": {"list": "string"}, "detection_score_thresh": "number", "least_detection_score_thresh": "number"},
  FoundMask: {"id": "integer", "color": "string", "score": "number", "stability_score": "number", "area": "integer", "field": {"fields_of": "LevelField"}, "label": "string", "detection_score": {"nullable": "number"}},
  Controls: {"tool": {"one_of": ["positive", "negative", "box", "select"]}, "label": "string", "classes": {"list": "string"}, "selected": {"nullable": "integer"}, "draft_color": "string", "can_undo": "boolean", "can_redo": "boolean", "model": "string", "region_xyxy": {"nullable": {"tuple": ["number", "number", "number", "number"]}}},
  Update: {"kind": {"one_of": ["update"]}, "revision": "integer", "after": {"nullable": "integer"}, "image": {"nullable": {"fields_of": "ImageChange"}}, "status": {"nullable": {"fields_of": "Status"}}, "draft": {"nullable": {"fields_of": "DraftState"}}, "objects": {"nullable": {"fields_of": "ObjectsChange"}}, "found": {"nullable": {"fields_of": "FoundChange"}}, "controls": {"nullable": {"fields_of": "Controls"}}},
  ImageChange: {"image": {"nullable": {"fields_of": "ImageState"}}},
  ObjectsChange: {"order": {"list": "integer"}, "changed": {"list": {"fields_of": "ObjectState"}}},
  FoundChange: {"found": {"nullable": {"fields_of": "FoundState"}}},
  DoneReply: {"kind": {"one_of": ["done"]}, "client": "string", "seq": "integer"},
  PreviewReply: {"kind": {"one_of": ["preview"]}, "client": "string", "seq": "integer", "score": "number", "field": {"fields_of": "LevelField"}},
  ErrorReply: {"kind": {"one_of": ["error"]}, "client": {"nullable": "string"}, "seq": {"nullable": "integer"}, "message": "string"},
  CancelledReply: {"kind": {"one_of": ["cancelled"]}, "client": "string", "seq": "integer"},
} as const;

/** The messages that come from the kernel, by their kind. */
export const MESSAGES = {"update": "Update", "done": "DoneReply", "preview": "PreviewReply", "error": "ErrorReply", "cancelled": "CancelledReply"} as const;
