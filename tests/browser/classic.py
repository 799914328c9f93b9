"""The classic notebook, whose ipywidgets 7.7 are Colab's."""

from __future__ import annotations

from playwright.sync_api import Locator

from tests.browser.front_end import FrontEnd

NOTEBOOK = "window.Jupyter?.notebook"


class Classic(FrontEnd):
    """A notebook in Jupyter Notebook 6. States are asked of the page; hands are keyboard and mouse."""

    name = "classic notebook"

    def load(self) -> None:
        self.page.goto(self.server.address(f"notebooks/{self.path}"))
        self._wait(f"{NOTEBOOK}?._fully_loaded && {NOTEBOOK}.kernel?.is_connected()")

    def wait_idle(self) -> None:
        self._wait(f"{NOTEBOOK}.kernel.is_connected() && !{NOTEBOOK}.kernel_busy")

    def cell(self, index: int) -> Locator:
        cell = self.page.locator("#notebook-container > .cell").nth(index)
        cell.evaluate("node => node.scrollIntoView({block: 'center'})")
        return cell

    def editor(self, index: int) -> Locator:
        return self.cell(index).locator(".input_area .CodeMirror-line").first

    def output(self, index: int) -> Locator:
        return (
            self.page.locator("#notebook-container > .cell").nth(index).locator(".output_wrapper")
        )

    def start(self, index: int) -> None:
        self.cell(index)
        self.page.evaluate(
            """i => {
                const notebook = Jupyter.notebook;
                notebook.command_mode();
                notebook.select(i);
                notebook.focus_cell();
                notebook.get_cell(i).set_input_prompt(null);
            }""",
            index,
        )
        self.page.keyboard.press("Control+Enter")

    def busy(self, index: int) -> bool:
        return bool(self.page.evaluate(f"{_count(index)} === '*'"))

    def done(self, index: int) -> None:
        self._wait(f"Number.isInteger({_count(index)}) && !{NOTEBOOK}.kernel_busy")

    def save(self) -> None:
        self.page.keyboard.press("Control+s")
        self._wait(f"!{NOTEBOOK}.dirty")

    def dialogs(self) -> list[str]:
        return self.page.locator(".modal.in").all_inner_texts()

    def take_the_files(self) -> None:
        with self.page.expect_navigation():
            self.page.locator(".modal.in").get_by_role("button", name="Reload").click()
        self._wait(f"{NOTEBOOK}?._fully_loaded && {NOTEBOOK}.kernel?.is_connected()")

    def text(self, index: int) -> str:
        return str(self.page.evaluate(f"{NOTEBOOK}.get_cell({index}).get_text()"))

    def dismiss(self) -> None:
        self.page.locator(".modal.in .btn-primary").click()
        self.page.locator(".modal.in").wait_for(state="detached")

    def restart_kernel(self) -> None:
        self.page.evaluate("void Jupyter.notebook.restart_kernel()")
        self.page.locator(".modal.in .btn-danger").click()
        self.page.locator(".modal.in").wait_for(state="detached")
        self.wait_idle()

    def dark(self) -> bool:
        return False

    def _wait(self, condition: str) -> None:
        self.page.wait_for_function(f"() => {condition}")


def _count(index: int) -> str:
    return f"{NOTEBOOK}.get_cell({index}).input_prompt_number"
