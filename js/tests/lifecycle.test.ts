import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import samwidget from "../index";
import { WidgetModel } from "../state/model";
import { mountView } from "../view";
import { FakeModel, makeObject, makeState, makeUpdate } from "./helpers";
import { leftOf, recordListeners } from "./listeners";
import { frame, layOut, observerCount, Page, preparePage } from "./page";

beforeEach(preparePage);
afterEach(() => {
  vi.unstubAllGlobals();
});

describe("views", () => {
  it("mounted and unmounted twice leave no listener, observer, timer or element", async () => {
    const observed = vi.spyOn(MutationObserver.prototype, "observe");
    const disconnected = vi.spyOn(MutationObserver.prototype, "disconnect");
    const listeners = recordListeners();
    const host = new FakeModel({ objects: [makeObject(1)] });
    const model = new WidgetModel(host);
    const handlersOfModel = host.handlerCount;
    const subscribersOfModel = model.store.listenerCount;
    for (let round = 0; round < 2; round++) {
      const page = new Page((el) => mountView(model, el));
      await layOut(800, 600);
      page.pointer("pointermove", 100, 100);
      page.find("select-1").dispatchEvent(new MouseEvent("dblclick", { bubbles: true }));
      expect(observerCount()).toBe(1);
      expect(listeners.length).toBeGreaterThan(30);
      page.unmount();
      expect(leftOf(listeners)).toEqual([]);
      expect(page.el.childElementCount).toBe(0);
      expect(observerCount()).toBe(0);
      expect(model.store.listenerCount).toBe(subscribersOfModel);
      expect(model.painterCount).toBe(0);
      expect(host.handlerCount).toBe(handlersOfModel);
    }
    expect(observed).toHaveBeenCalled();
    expect(disconnected).toHaveBeenCalledTimes(2);
    model.dispose();
    expect(host.handlerCount).toBe(0);
  });

  it("an unmounted view does not draw any more", async () => {
    const host = new FakeModel();
    const model = new WidgetModel(host);
    const page = new Page((el) => mountView(model, el));
    await layOut(800, 600);
    const { root } = page;
    page.unmount();
    host.tell({ objects: [makeObject(1)] });
    await frame();
    expect(root.dataset.objects).toBe("0");
    model.dispose();
  });
});

describe("the module", () => {
  it("lets go of the model when anywidget ends it", async () => {
    const host = new FakeModel();
    const widget = samwidget();
    const dispose = widget.initialize({ model: host });
    expect(host.handlerCount).toBeGreaterThan(0);
    const page = new Page((el) => widget.render({ model: host, el }));
    page.unmount();
    dispose();
    expect(host.handlerCount).toBe(0);
  });

  it("works in a host that does not call initialize", async () => {
    const host = new FakeModel();
    const widget = samwidget();
    const page = new Page((el) => widget.render({ model: host, el }));
    await layOut(800, 600);
    page.click(200, 100);
    expect(host.lastSent().request.kind).toBe("add_point");
    page.unmount();
    expect(host.handlerCount).toBe(0);
  });

  it("initialize does not wait for anything", () => {
    const host = new FakeModel();
    host.widget_manager.get_model = () => new Promise(() => {});
    host.traits.overlay = "IPY_MODEL_never";
    expect(samwidget().initialize({ model: host })).toBeTypeOf("function");
  });
});

describe("hot reload", () => {
  it("a new module takes over from the old one, with what was on the screen", async () => {
    const host = new FakeModel();
    const first = samwidget();
    const endFirst = first.initialize({ model: host });
    const firstPage = new Page((el) => first.render({ model: host, el }));
    await layOut(800, 600);
    host.tell({ objects: [makeObject(1), makeObject(2)] });
    // anywidget aborts the old hooks and calls the new ones at once; the old cleanups run after that.
    const second = samwidget();
    const endSecond = second.initialize({ model: host });
    firstPage.unmount();
    endFirst();
    const page = new Page((el) => second.render({ model: host, el }));
    await layOut(800, 600);
    const { client } = host.request("refresh");
    expect(host.request("report_views")).toMatchObject({ client, request: { count: 1 } });
    const { image, status, draft, objects, controls } = host.state;
    const changed = { order: objects.map(({ id }) => id), changed: [...objects] };
    const parts = { image: { image }, status, draft, objects: changed, controls };
    host.trigger("msg:custom", { ...makeUpdate(8), after: null, ...parts }, []);
    await frame();
    expect(page.root.dataset.objects).toBe("2");
    page.click(200, 100);
    expect(host.lastSent()).toMatchObject({ client, request: { kind: "add_point" } });
    page.unmount();
    endSecond();
    expect(host.handlerCount).toBe(0);
    expect(observerCount()).toBe(0);
  });

  it("one client after the other reports that its views are gone", () => {
    const host = new FakeModel();
    for (let round = 0; round < 3; round++) {
      const widget = samwidget();
      const end = widget.initialize({ model: host });
      const page = new Page((el) => widget.render({ model: host, el }));
      page.unmount();
      end();
    }
    const last = new Map(
      host.all.flatMap(({ client, request }) =>
        request.kind === "report_views" ? [[client, request.count]] : [],
      ),
    );
    expect([...last.values()]).toEqual([0, 0, 0]);
  });
});

describe("timers and object URLs", () => {
  it("none is left when a model that was busy ends", async () => {
    const made = vi.spyOn(URL, "createObjectURL");
    const revoked = vi.spyOn(URL, "revokeObjectURL");
    const host = new FakeModel();
    vi.useFakeTimers();
    try {
      for (let round = 0; round < 2; round++) {
        const widget = samwidget();
        const end = widget.initialize({ model: host });
        const page = new Page((el) => widget.render({ model: host, el }));
        page.pointer("pointermove", 100, 100);
        page.click(200, 100);
        host.tell({ objects: [makeObject(round + 1)] });
        await vi.advanceTimersByTimeAsync(20);
        expect(vi.getTimerCount()).toBeGreaterThan(0);
        page.unmount();
        end();
        await vi.advanceTimersByTimeAsync(0);
        expect(vi.getTimerCount()).toBe(0);
      }
    } finally {
      vi.useRealTimers();
    }
    expect(made.mock.calls.length).toBe(revoked.mock.calls.length);
  });
});

describe("pictures", () => {
  it("are freed when another one comes and when the model ends", async () => {
    const closed: number[] = [];
    let made = 0;
    vi.stubGlobal("createImageBitmap", async () => {
      const number = ++made;
      return { width: 4, height: 3, close: () => closed.push(number) };
    });
    const host = new FakeModel();
    const model = new WidgetModel(host);
    await frame();
    host.tell({ image: makeState().image });
    await frame();
    expect(closed).toEqual([1]);
    model.dispose();
    expect(closed).toEqual([1, 2]);
  });

  it("that the browser cannot decode are told", async () => {
    vi.stubGlobal("createImageBitmap", async () => {
      throw new Error("not an image");
    });
    const model = new WidgetModel(new FakeModel());
    await frame();
    expect(model.store.notice?.text).toContain(
      "could not decode the image (image/png): not an image",
    );
    model.dispose();
  });
});
