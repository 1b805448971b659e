// Generated from jupyter/protocol.py by `python js/generate_protocol.py`: do not edit.

export const ISO_LEVEL = 127.5;

export type BoxXYXY = [number, number, number, number];

export type ExtentXYWH = [number, number, number, number];

export type Tool = "positive" | "negative" | "box" | "select";

export type Phase = "empty" | "loading" | "embedding" | "ready" | "error";

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

/** The object in the making: its prompts and, once predicted, its candidate masks. ``field`` is the chosen candidate, null while there is none; ``scores`` are the model's IoU predictions of all candidates, ``choice`` the index of the chosen one. */
export interface DraftState {
  points: PointPrompt[];
  box_xyxy: BoxXYXY | null;
  field: LevelField | null;
  scores: number[];
  choice: number;
}

/** One committed object. ``color`` is ``#rrggbb``; ``area`` counts pixels of the full mask. */
export interface ObjectState {
  id: number;
  label: string;
  color: string;
  score: number;
  area: number;
  box_xyxy: BoxXYXY;
  field: LevelField;
}

/** What toolbar and object list show. */
export interface Controls {
  tool: Tool;
  label: string;
  classes: string[];
  selected: number | null;
  draft_color: string;
  can_undo: boolean;
  can_redo: boolean;
  model: string;
}

/** Every synced trait of the widget that is ours, by its name. */
export interface SyncedState {
  _image: ImageState | null;
  _status: Status;
  _draft: DraftState;
  _objects: ObjectState[];
  _controls: Controls;
}

export interface AddPoint {
  kind: "add_point";
  x: number;
  y: number;
  label: 0 | 1;
}

export interface MovePoint {
  kind: "move_point";
  index: number;
  x: number;
  y: number;
}

export interface RemovePoint {
  kind: "remove_point";
  index: number;
}

/** Give the draft a box (corners in any order), or with null take it away. */
export interface SetBox {
  kind: "set_box";
  box_xyxy: BoxXYXY | null;
}

/** Take another of the draft's candidate masks. */
export interface ChooseMask {
  kind: "choose_mask";
  index: number;
}

export interface ClearPrompts {
  kind: "clear_prompts";
}

export interface Commit {
  kind: "commit";
}

export interface SelectObject {
  kind: "select_object";
  id: number | null;
}

export interface DeleteObject {
  kind: "delete_object";
  id: number;
}

export interface RelabelObject {
  kind: "relabel_object";
  id: number;
  label: string;
}

/** The label that the next committed object gets. */
export interface SetLabel {
  kind: "set_label";
  label: string;
}

export interface SetTool {
  kind: "set_tool";
  tool: Tool;
}

export interface Undo {
  kind: "undo";
}

export interface Redo {
  kind: "redo";
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

/** A request with its return address: ``client`` names one page's connection, ``seq`` counts. */
export interface Envelope {
  client: string;
  seq: number;
  request: Request;
}

/** The request was carried out; the state that it changed has been sent before this reply. */
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

export type Request =
  | AddPoint
  | MovePoint
  | RemovePoint
  | SetBox
  | ChooseMask
  | ClearPrompts
  | Commit
  | SelectObject
  | DeleteObject
  | RelabelObject
  | SetLabel
  | SetTool
  | Undo
  | Redo
  | Preview
  | Cancel;

export type Reply =
  | DoneReply
  | PreviewReply
  | ErrorReply
  | CancelledReply;
