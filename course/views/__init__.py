"""State to picture: views draw what the watcher saw, and never hold a client."""
