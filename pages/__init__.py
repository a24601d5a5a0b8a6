"""The views: one folder a page, each with PAGE and render(canvas, reader)."""
