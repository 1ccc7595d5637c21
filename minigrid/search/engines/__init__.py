"""Engines: what scores candidates, or proves which is the best. All give the plain loop's answer, bit for bit."""
