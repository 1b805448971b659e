// The anywidget module. A factory: anywidget calls it once for each model, and each of its hooks
// gets its own proxy of that model, so the closure is what ties the views to one WidgetModel.

import { type HostModel, WidgetModel } from "./state/model";
import { mountView } from "./view";

interface HookProps {
  model: HostModel;
}

interface RenderProps extends HookProps {
  el: HTMLElement;
}

type Cleanup = () => void;

export default function samwidget(): {
  initialize(props: HookProps): Cleanup;
  render(props: RenderProps): Cleanup;
} {
  let shared: WidgetModel | null = null;
  return {
    initialize({ model }) {
      const created = new WidgetModel(model);
      shared = created;
      return () => {
        if (shared === created) shared = null;
        created.dispose();
      };
    },
    render({ model, el }) {
      if (shared) return mountView(shared, el);
      // A host that does not call initialize: the view owns its model.
      const own = new WidgetModel(model);
      const unmount = mountView(own, el);
      return () => {
        unmount();
        own.dispose();
      };
    },
  };
}
