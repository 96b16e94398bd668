"""The review: its verdicts, its reader, its commands, and all of it on a local AWS."""
