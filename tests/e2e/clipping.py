"""Finds text that is cut off on a page: text is measured against every box that clips it."""

from playwright.sync_api import Page

# of text nodes, the boxes that cut off what lies outside them: those that scroll do not; tables
# are drawn on a canvas and scroll in themselves; what screen readers alone see is 1 px wide
CLIPPED = """() => {
    const LEAST_PX = 1.5;
    const out = new Set();
    const main = document.querySelector('[data-testid="stApp"]');
    const walker = document.createTreeWalker(main, NodeFilter.SHOW_TEXT);
    const cuts = style => ['hidden', 'clip'].includes(style.overflowX);
    const scrolls = style => ['auto', 'scroll'].includes(style.overflowX);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const text = node.textContent.trim();
        const parent = node.parentElement;
        if (!text || !parent || parent.closest(
            'script, style, canvas, [data-testid="stDataFrame"], [aria-hidden="true"], .sr-only'))
            continue;
        if (!parent.checkVisibility({visibilityProperty: true, opacityProperty: true})) continue;
        const range = document.createRange();
        range.selectNodeContents(node);
        for (const box of range.getClientRects()) {
            if (box.width < 2) continue;
            for (let held = parent; held && held !== main; held = held.parentElement) {
                const style = getComputedStyle(held);
                if (scrolls(style) && held.scrollWidth > held.clientWidth) break;
                if (held.namespaceURI.endsWith('svg') && held.tagName !== 'svg') continue;
                if (!cuts(style)) continue;
                const edge = held.getBoundingClientRect();
                if (edge.width < 2) break;
                if (box.right > edge.right + LEAST_PX || box.left < edge.left - LEAST_PX)
                    out.add(`${text.slice(0, 80)} (${held.tagName.toLowerCase()})`);
            }
        }
    }
    for (const input of document.querySelectorAll('input')) {
        if (!input.checkVisibility() || !input.clientWidth) continue;
        if (input.value && input.type !== 'range' && input.scrollWidth > input.clientWidth + 1)
            out.add(`${input.value.slice(0, 80)} (input)`);
    }
    return [...out];
}"""


def clipped(page: Page) -> list[str]:
    """Return the texts of which something is cut off at the sides."""
    found: list[str] = page.evaluate(CLIPPED)
    return found
