"""The view: its panel, keys alone, fingers, values under the pointer; in a real JupyterLab."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hosts.lab import Lab
from playwright.sync_api import Browser, CDPSession, expect
from scene import DISK, EMPTY, SCENE, SQUARE
from view import View

pytestmark = pytest.mark.browser

DEEP = """
deep = np.dstack([scene.astype(np.uint16) * 10, 5 * (rows + columns).astype(np.uint16)])
widget = SamWidget(deep, pixel_size=0.5, unit="µm")
widget
"""


@pytest.fixture(scope="module")
def shared(browser: Browser, jupyter_server: tuple) -> Iterator[Lab]:
    """One page for all tests here, with fingers."""
    context = browser.new_context(has_touch=True)
    lab = Lab(context.new_page(), *jupyter_server)
    lab.open_cells([SCENE + DEEP])
    lab.view().wait_ready()
    yield lab
    lab.shut_down()
    context.close()


@pytest.fixture
def lab(shared: Lab) -> Iterator[Lab]:
    """The page as it is at the beginning."""
    shared.page.mouse.move(2, 2)
    yield shared
    shared.run("widget.clear(objects=True); widget.tool = 'positive'")
    view = shared.view()
    if view.root.get_by_test_id("view-panel").is_visible():
        view.root.get_by_test_id("close-view").click()
    view.press("0")


def far(one: list[int], other: list[int]) -> bool:
    return max(abs(a - b) for a, b in zip(one, other, strict=True)) > 20


def wait_until(lab: Lab, view: View, place: tuple, color: list[int], *, is_far: bool) -> None:
    """Wait until a point of the image has a colour far from this one, or near."""
    for _ in range(100):
        if far(color, view.pixel(*place)) == is_far:
            return
        lab.page.wait_for_timeout(50)
    raise AssertionError(f"{view.pixel(*place)} at {place}, {color} before")


def test_an_object_is_made_by_keys_alone(lab: Lab) -> None:
    view = lab.view()
    cells = lab.page.locator(".jp-Notebook .jp-Cell").count()
    view.press("ArrowRight")  # shows the cursor in the middle
    left, _ = view.on_screen(200, 150)
    target, _ = view.on_screen(DISK[0], DISK[1])
    for _ in range(round((left - target) / 10)):
        lab.page.keyboard.press("Shift+ArrowLeft")
    lab.page.keyboard.press("a")
    view.expect_points(1)
    view.expect_draft()
    lab.page.keyboard.press("Enter")
    view.expect_objects(1)
    point = lab.value("widget.objects[0].point_coords[0].tolist()")
    assert point == pytest.approx([120, 150], abs=8)
    assert lab.value("bool(widget.masks[0, 150, 120])")

    # A box: take hold, drag, let go.
    lab.page.keyboard.press("Shift+A")
    for _ in range(8):
        lab.page.keyboard.press("Shift+ArrowDown")
        lab.page.keyboard.press("Shift+ArrowRight")
    lab.page.keyboard.press("a")
    view.expect_draft()
    x1, y1, x2, y2 = lab.value("list(widget.objects[-1].box_prompt_xyxy)")
    assert (x1, y1) == pytest.approx(point, abs=1)
    assert x2 - x1 == pytest.approx(y2 - y1, abs=1)
    assert lab.page.locator(".jp-Notebook .jp-Cell").count() == cells


def test_masks_are_hidden_outlined_and_cut_out_in_this_view_alone(lab: Lab) -> None:
    view = lab.view()
    inside = (285, 180)
    plain, outside = view.pixel(*inside), view.pixel(*EMPTY)
    lab.run("widget.add_box(260, 90, 350, 210); widget.commit(); widget.select(None)")
    view.expect_objects(1)
    wait_until(lab, view, inside, plain, is_far=True)

    view.canvas.focus()
    lab.page.keyboard.down("m")
    wait_until(lab, view, inside, plain, is_far=False)
    lab.page.keyboard.up("m")
    wait_until(lab, view, inside, plain, is_far=True)

    view.press("o")
    wait_until(lab, view, inside, plain, is_far=False)
    view.press("o")
    wait_until(lab, view, inside, plain, is_far=True)

    view.press("c")
    wait_until(lab, view, EMPTY, outside, is_far=True)
    assert min(view.pixel(*EMPTY)) > 180
    assert not far(plain, view.pixel(*inside))
    view.press("c")
    wait_until(lab, view, EMPTY, outside, is_far=False)
    assert lab.value("[len(widget.masks), bool(widget.masks[0, 180, 285])]") == [1, True]


def test_the_values_under_the_pointer_are_the_arrays_own(lab: Lab) -> None:
    view = lab.view()
    view.move(300.5, 150.5)
    expect(view.root.get_by_test_id("pixel-place")).to_have_text("300, 150")
    value = " ".join(map(str, lab.value("deep[150, 300].tolist()")))
    expect(view.root.get_by_test_id("pixel-value")).to_have_text(value)


def test_a_band_and_contrast_are_chosen_and_the_model_sees_what_it_saw(lab: Lab) -> None:
    view = lab.view()
    before = lab.value("widget.image[::50, ::50].tolist()")
    shown = view.pixel(*SQUARE)
    view.root.get_by_test_id("view").click()
    sees = view.root.get_by_test_id("model-sees")
    expect(sees).to_contain_text("bands 0, 1, 2, uint16 values 400 to 2300")
    view.root.get_by_test_id("bands").select_option("3")
    wait_until(lab, view, SQUARE, shown, is_far=True)
    red, green, blue = view.pixel(*SQUARE)
    assert red == green == blue  # one band alone is gray
    view.root.get_by_test_id("gamma").fill("0.9")
    wait_until(lab, view, SQUARE, [red, green, blue], is_far=True)
    view.root.get_by_test_id("reset-tone").click()
    expect(view.root.get_by_test_id("bands")).to_have_value("model")
    wait_until(lab, view, SQUARE, shown, is_far=False)
    assert lab.value("widget.image[::50, ::50].tolist()") == before


def touch(cdp: CDPSession, kind: str, *points: tuple[float, float]) -> None:
    places = [{"x": x, "y": y, "id": index} for index, (x, y) in enumerate(points)]
    cdp.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": places})


def test_fingers_tap_rest_and_pinch(lab: Lab) -> None:
    view = lab.view()
    view.canvas.scroll_into_view_if_needed()
    cdp = lab.page.context.new_cdp_session(lab.page)
    disk, empty = view._at(*DISK), view._at(*EMPTY)
    touch(cdp, "touchStart", disk)
    touch(cdp, "touchEnd")
    view.expect_points(1)
    view.expect_draft()
    touch(cdp, "touchStart", empty)
    expect(view.root).to_have_attribute("data-points", "2")  # while the finger still rests
    touch(cdp, "touchEnd")
    assert lab.value("widget.objects[-1].point_labels.tolist()") == [1, 0]

    before = view.canvas.get_attribute("data-viewport")
    (x, y), reach = disk, 40
    touch(cdp, "touchStart", (x - reach, y), (x + reach, y))
    for step in range(1, 6):
        touch(cdp, "touchMove", (x - reach - 10 * step, y), (x + reach + 10 * step, y))
    touch(cdp, "touchEnd")
    expect(view.canvas).not_to_have_attribute("data-viewport", str(before))
    view.expect_points(2)


def test_the_overlays_own_callbacks_hear_the_pointer_in_pixels_of_the_image(lab: Lab) -> None:
    view = lab.view()
    lab.run(
        "heard = []\n"
        "overlay = widget.new_overlay()\n"
        "for name in ('down', 'move', 'up'):\n"
        "    def tell(x, y, name=name):\n"
        "        heard.append([name, round(x), round(y)])\n"
        "    getattr(overlay, f'on_mouse_{name}')(tell)\n"
    )
    view.move(100, 100)
    lab.wait_for("heard[-1:]", [["move", 100, 100]])
    view.click(*DISK)
    lab.wait_for("[['down', *p] in heard and ['up', *p] in heard for p in [[120, 150]]]", [True])
    view.expect_points(1)  # it is a click as ever
    lab.run("widget.overlay = None")


def test_the_corner_and_the_whole_screen_give_it_room(lab: Lab) -> None:
    view = lab.view()
    corner = view.root.get_by_test_id("resize")
    corner.scroll_into_view_if_needed()
    size = view.canvas.bounding_box()
    box = corner.bounding_box()
    assert size is not None
    assert box is not None
    x, y = box["x"] + 9, box["y"] + 9
    lab.page.mouse.move(x, y)
    lab.page.mouse.down()
    lab.page.mouse.move(x - 200, y - 120, steps=4)
    lab.page.mouse.up()
    smaller = view.canvas.bounding_box()
    assert smaller is not None
    assert smaller["width"] == pytest.approx(size["width"] - 200, abs=3)
    assert smaller["height"] == pytest.approx(size["height"] - 120, abs=3)
    corner.dblclick()
    view.press("f")
    expect(view.root).to_have_js_property("tagName", "DIV")
    lab.page.wait_for_function("document.fullscreenElement !== null")
    whole = view.canvas.bounding_box()
    assert whole is not None
    assert whole["height"] > size["height"]
    lab.page.keyboard.press("f")
    lab.page.wait_for_function("document.fullscreenElement === null")
