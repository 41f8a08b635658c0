"""Pages and the API: load, one call, save, render."""
