// What the stage shows instead of an image.

import { h, setText } from "./dom";
import { icon } from "./icons";

export function createEmpty() {
  const text = h("span");
  const element = h("div", { class: "samwidget-empty" }, icon("image"), text);
  return {
    element,
    update(hasImage: boolean, isList: boolean): void {
      element.hidden = hasImage;
      setText(text, isList ? "This image cannot be shown" : "No image yet");
    },
  };
}
