"""What no output may show: warnings, more than a screen, a sideways scroll, faint text, pictures without words."""

from __future__ import annotations

from playwright.sync_api import Locator

SCREEN = 1000  # pixels
CONTRAST = 3.0  # of text to what is behind it; WCAG asks for 3 where text is large, for 4.5 where it is not

# Text and pictures as laid out. A picture that only decorates says so by an empty alt.
_LOOK = r"""node => {
    const found = [];
    for (const part of node.querySelectorAll(
        '[data-mime-type="application/vnd.jupyter.stderr"], .output_stderr'))
        if (part.innerText.trim()) found.push('stderr: ' + part.innerText.slice(0, 300));
    const box = node.getBoundingClientRect();
    if (box.height > SCREEN) found.push(`is ${Math.round(box.height)} pixels tall, more than a screen`);
    for (const part of [node, ...node.querySelectorAll('*')]) {
        if (part.closest('svg, .jp-OutputPrompt, .jp-OutputArea-promptOverlay, .MathJax')) continue;
        const style = getComputedStyle(part);
        if (style.overflowY !== 'visible' && style.overflowY !== 'hidden'
            && part.scrollHeight > part.clientHeight + 2 && part.clientHeight > 0)
            found.push(`scrolls downwards: ${name(part)} ${part.scrollHeight} > ${part.clientHeight}`);
        if (part.scrollWidth > part.clientWidth + 2 && part.clientWidth > 0
            && (style.overflowX === 'auto' || style.overflowX === 'scroll'))
            found.push(`scrolls sideways: ${name(part)} ${part.scrollWidth} > ${part.clientWidth}`);
    }
    for (const picture of node.querySelectorAll('img')) {
        if (!picture.offsetParent) continue;
        if (!picture.alt || picture.alt === 'No description has been provided for this image')
            found.push('picture without words: ' + picture.outerHTML.slice(0, 120));
        const inside = picture.getBoundingClientRect();
        if (inside.right > window.innerWidth) found.push('picture reaches out of the window');
    }
    for (const part of node.querySelectorAll('*')) {
        const text = [...part.childNodes].filter(n => n.nodeType === 3).map(n => n.data).join('').trim();
        if (!text || !part.offsetParent || part.closest('svg')) continue;
        const ratio = contrast(numbers(getComputedStyle(part).color), behind(part));
        if (ratio < CONTRAST) found.push(`is faint (${ratio.toFixed(1)} : 1): ${text.slice(0, 60)}`);
    }
    return found;
    function numbers(color) { return color.match(/[\d.]+/g).map(Number); }
    function behind(part) {
        for (; part; part = part.parentElement) {
            const color = numbers(getComputedStyle(part).backgroundColor);
            if (color.length === 3 || color[3] > 0.5) return color;
        }
        return [255, 255, 255];
    }
    function luminance([r, g, b]) {
        const [x, y, z] = [r, g, b].map(c => (c /= 255) <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
        return 0.2126 * x + 0.7152 * y + 0.0722 * z;
    }
    function contrast(a, b) {
        const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x);
        return (high + 0.05) / (low + 0.05);
    }
    function name(part) { return `${part.tagName}.${part.className}`; }
}""".replace("SCREEN", str(SCREEN)).replace("CONTRAST", str(CONTRAST))


def ugly(output: Locator, patience: float = 5.0) -> list[str]:
    """Everything about a cell's output that a student should not have to see.

    What a page does by and by, as to lay out and to give pictures their words, may take `patience` seconds.
    """
    found: list[str] = output.evaluate(_LOOK)
    for _ in range(int(4 * patience)):
        if not found:
            break
        output.page.wait_for_timeout(250)
        found = output.evaluate(_LOOK)
    return found
