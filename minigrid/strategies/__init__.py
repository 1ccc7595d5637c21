"""Strategies, one per file, and their base: what to search, and in which order."""

from minigrid.strategies.base import Strategy, ranked
from minigrid.strategies.coordinate import Coordinate
from minigrid.strategies.joint import Joint
from minigrid.strategies.layerwise import LayerWise
from minigrid.strategies.random_sample import RandomSample
from minigrid.strategies.zoom import Zoom

__all__ = ["Coordinate", "Joint", "LayerWise", "RandomSample", "Strategy", "Zoom", "ranked"]
