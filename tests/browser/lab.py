"""JupyterLab as a student has it on her own machine."""

from __future__ import annotations

import secrets

from playwright.sync_api import JSHandle, Locator

from tests.browser.front_end import FrontEnd

PANEL = "window.jupyterapp?.shell?.currentWidget"


class Lab(FrontEnd):
    """A notebook in JupyterLab 4. States are asked of the application; hands are keyboard and mouse."""

    name = "JupyterLab"

    def load(self) -> None:
        # A workspace of its own: otherwise tabs of earlier tests come back, too.
        workspace = f"lab/workspaces/{secrets.token_hex(4)}"
        self.page.goto(self.server.address(f"{workspace}/tree/{self.path}"))
        self._wait(f"{PANEL}?.context?.isReady")
        cells = f"{PANEL}.content.model.cells.length"  # they come into the page one after the other
        self._wait(f"{cells} > 1 && {PANEL}.content.widgets.length === {cells}")
        self._change_theme("Light")

    def wait_idle(self) -> None:
        self._wait(f"{PANEL}.sessionContext.session?.kernel?.status === 'idle'")

    def cell(self, index: int) -> Locator:
        self.page.evaluate(f"i => {PANEL}.content.scrollToItem(i, 'center')", index)
        return self.page.locator(f".jp-Notebook .jp-Cell[data-windowed-list-index='{index}']")

    def editor(self, index: int) -> Locator:
        return self._in(index, ".jp-InputArea-editor .cm-line").first

    def output(self, index: int) -> Locator:
        return self._in(index, ".jp-Cell-outputArea")

    def start(self, index: int) -> None:
        self.cell(index)
        self.page.evaluate(
            """([panel, i]) => {
                panel.activeCellIndex = i;
                panel.mode = 'command';
                panel.activate();
                panel.widgets[i].model.executionCount = null;
            }""",
            [self._notebook(), index],
        )
        self.page.keyboard.press("Control+Enter")

    def busy(self, index: int) -> bool:
        return bool(self.page.evaluate(f"{_prompt(index)} === '[*]:'"))

    def done(self, index: int) -> None:
        self._wait(f"/\\d/.test({_prompt(index)})")

    def save(self) -> None:
        self.page.keyboard.press("Control+s")
        self._wait(f"!{PANEL}.context.model.dirty")

    def dialogs(self) -> list[str]:
        return self.page.locator(".jp-Dialog").all_inner_texts()

    def take_the_files(self) -> None:
        self.page.locator(".jp-Dialog").get_by_role("button", name="Revert").click()
        self.page.locator(".jp-Dialog").wait_for(state="detached")
        self._wait(f"!{PANEL}.context.model.dirty")

    def text(self, index: int) -> str:
        return str(
            self.page.evaluate(f"{PANEL}.content.model.cells.get({index}).sharedModel.source")
        )

    def dismiss(self) -> None:
        self.page.locator(".jp-Dialog .jp-mod-accept").click()
        self.page.locator(".jp-Dialog").wait_for(state="detached")

    def restart_kernel(self) -> None:
        self.page.evaluate("void jupyterapp.commands.execute('notebook:restart-kernel')")
        self.page.locator(".jp-Dialog .jp-mod-accept").click()
        self.wait_idle()

    def dark(self) -> bool:
        self._change_theme("Dark")
        return True

    def _change_theme(self, name: str) -> None:
        self.page.evaluate(
            "theme => jupyterapp.commands.execute('apputils:change-theme', {theme})",
            f"JupyterLab {name}",
        )
        body = self.page.locator(f"body[data-jp-theme-name='JupyterLab {name}']")
        body.wait_for(state="attached")

    def _in(self, index: int, selector: str) -> Locator:
        return self.page.locator(
            f".jp-Notebook .jp-Cell[data-windowed-list-index='{index}'] {selector}"
        )

    def _notebook(self) -> JSHandle:
        return self.page.evaluate_handle(f"{PANEL}.content")

    def _wait(self, condition: str) -> None:
        self.page.wait_for_function(f"() => {condition}")


def _prompt(index: int) -> str:
    """The text beside the cell: [ ]: before it ran, [*]: while it does, [7]: afterwards."""
    return f"{PANEL}.content.widgets[{index}].node.querySelector('.jp-InputPrompt')?.textContent"
