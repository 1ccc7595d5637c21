"""Engines score candidates, or prove which one is the best. All give the plain loop's answer, bit for bit."""
