"""Searches spread over processes and machines: what travels, who computes, and what happens when a worker is lost."""
