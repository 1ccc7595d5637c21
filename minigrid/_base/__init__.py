"""The foundation of all other packages: types, checks, values, numbers and files."""
