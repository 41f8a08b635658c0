"""One file per command: HELP, add_arguments(parser) and run(options) -> exit status."""
