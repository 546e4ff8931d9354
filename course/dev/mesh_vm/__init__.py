"""A virtual machine whose kernel has IPVS, for the tests of a swarm's routing mesh."""
