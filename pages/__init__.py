"""The views: one file a page, each with TITLE and render(store)."""
