"""Networks: neurons, layers of them, and files and diagrams of the whole."""
