"""One module a command. They import what they run only when they run it."""
