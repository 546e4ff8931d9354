"""docker-py call → API call → what it is for, its `docker` command and its `curl` command."""
