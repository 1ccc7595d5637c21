"""How a space is searched: the problem, the engines that score candidates, and the run around them."""
