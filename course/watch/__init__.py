"""Engine to state: one Watcher keeps one State of all that an engine holds."""
