"""When something is wrong the cell says what, the kernel lives on and nothing made is lost."""

from __future__ import annotations

import pytest
from hosts.lab import Lab
from scene import DISK, SCENE, open_scene

pytestmark = pytest.mark.browser


def test_broken_message_is_told_in_the_cell(lab: Lab, kernel: str) -> None:
    view = open_scene(lab, kernel)
    view.click(*DISK)
    view.expect_draft()
    view.press("Enter")
    view.expect_objects(1)
    # The page itself sends what no front end of ours would.
    sent = lab.page.evaluate(
        """async () => {
          const panel = window.jupyterapp.shell.currentWidget;
          const kernel = panel.sessionContext.session.kernel;
          const comms = await kernel.requestCommInfo({ target_name: "jupyter.widget" });
          let sent = 0;
          for (const id of Object.keys(comms.content.comms)) {
            const header = {
              msg_id: `broken-${id}`, msg_type: "comm_msg", session: kernel.clientId,
              username: "", version: "5.3", date: new Date().toISOString(),
            };
            const data = { method: "custom", content: { client: "me", seq: "one", request: 7 } };
            kernel.sendShellMessage({
              channel: "shell", header, parent_header: {}, metadata: {}, buffers: [],
              content: { comm_id: id, data },
            });
            sent += 1;
          }
          return sent;
        }"""
    )
    assert sent > 0
    view.expect_error(r"message\.\w+.*expected")
    assert lab.value("len(widget.masks)") == 1
    view.expect_objects(1)


def test_click_outside_the_image_is_refused_with_a_reason(lab: Lab) -> None:
    view = open_scene(lab)
    lab.run(
        "try:\n    widget.add_point(-40, 20)\nexcept ValueError as error:\n    told = str(error)"
    )
    assert "-40" in lab.value("told")
    view.wait_ready()
    view.click(*DISK)
    view.expect_draft()


def test_an_image_that_is_none_is_told_in_the_cell(lab: Lab) -> None:
    (lab.root / "notes.txt").write_text("not a picture")
    lab.open_cells([SCENE + "widget = SamWidget('notes.txt')\nwidget"])
    lab.page.get_by_text("notes.txt").first.wait_for()
    assert lab.value("1 + 1") == 2
    output = lab.page.locator(".jp-OutputArea").first
    output.get_by_text("not", exact=False).first.wait_for()


def test_setting_a_bad_image_keeps_what_was_made(lab: Lab) -> None:
    view = open_scene(lab)
    lab.run("widget.add_point(120, 150); widget.commit()")
    lab.run(
        "try:\n    widget.image = 'nowhere.png'\nexcept Exception as error:\n    told = str(error)"
    )
    assert "nowhere.png" in lab.value("told")
    view.expect_objects(1)
    assert lab.value("len(widget.masks)") == 1


def test_a_checkpoint_that_fails_to_load_is_told_in_the_cell(lab: Lab, kernel: str) -> None:
    (lab.root / "broken.pt").write_text("<html>sign in first</html>")
    lab.open_cells([SCENE + "widget = SamWidget(scene, model='broken.pt')\nwidget"], kernel)
    view = lab.view()
    view.expect_error("HTML")
    assert lab.value("1 + 1") == 2
    assert lab.value("widget.masks.shape") == [0, 300, 400]
