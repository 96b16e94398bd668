"""How long a person waits for a synth, a test and the command line, measured side by side."""
