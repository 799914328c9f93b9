"""The handbook: its pages, the walks that run every command in them, and what is generated into the site."""
