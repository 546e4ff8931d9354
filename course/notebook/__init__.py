"""What lives only in a kernel: the notebook's lab, its magics and its displays."""
