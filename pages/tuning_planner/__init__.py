"""The page that plans tuning loops."""
