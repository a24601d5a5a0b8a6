"use strict";
// The figures come in light colours. In the dark, each colour that has a dark twin is swapped.
(() => {
  const { figures, dark } = JSON.parse(document.getElementById("charts").textContent);
  const PAPER_WIDTH = 680; // pixels between the margins of A4 and of Letter, upright
  const prefersDark = matchMedia("(prefers-color-scheme: dark)");

  function recoloured(value) {
    if (typeof value === "string") return dark[value] ?? value;
    if (Array.isArray(value)) return value.map(recoloured);
    if (value === null || typeof value !== "object") return value;
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, recoloured(part)]));
  }

  function draw(isDark, width) {
    for (const [id, figure] of Object.entries(figures)) {
      const { data, layout } = isDark ? recoloured(figure) : structuredClone(figure);
      if (width) Object.assign(layout, { width, autosize: false });
      Plotly.react(id, data, layout, { displayModeBar: false, responsive: true });
    }
  }

  draw(prefersDark.matches);
  prefersDark.addEventListener("change", () => draw(prefersDark.matches));
  addEventListener("beforeprint", () => draw(false, PAPER_WIDTH));
  addEventListener("afterprint", () => draw(prefersDark.matches));
})();
