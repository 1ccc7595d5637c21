"""What everything else is built on: types, checks, values, numbers and files."""
