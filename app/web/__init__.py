"""How people reach it: pages, the JSON API, and the guards in front of both."""
