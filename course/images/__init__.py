"""What the sandboxes can pull: the list, the offline kit, Docker Hub, and files of both."""
