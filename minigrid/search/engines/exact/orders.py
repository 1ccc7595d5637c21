"""The orders of interchangeable neurons: which candidates a leaf stands for, each listed once.

A leaf is a setting of each hidden neuron, without an order among interchangeable ones. Together with their weights it
stands for all orders. If two products are added first, their order does not change any bit of the sum. So if you ask
for one candidate, the ascending order of the settings stands for both orders. Other orders round differently.
"""

import itertools
from collections.abc import Sequence
from typing import final

import numpy as np

from minigrid._base.typing import BoolArray, IntArray


@final
class Order:
    """One order in which interchangeable neurons may stand.

    Attributes:
        axes: which axis stands where.
        parameters: which of the output neuron's parameters stands where.
        ascending: whether only settings in ascending order count: the others have the same bits, and come later.
    """

    def __init__(
        self, axes: tuple[int, ...], groups: list[int], columns: list[int], n_parameters: int, *, same_bits: bool
    ) -> None:
        self.axes: list[int] = list(axes)
        place = {column: k for k, column in enumerate(columns)}
        self.parameters: list[int] = [place[axes[column]] for column in columns]
        self.parameters += range(len(columns), n_parameters)
        pairs = [(i, j) for i, j in itertools.combinations(range(len(axes)), 2) if groups[i] == groups[j]]
        self.turned: list[tuple[int, int]] = [(i, j) for i, j in pairs if axes[i] > axes[j]]
        self.lower: list[int] = [i for i, _ in pairs]
        self.upper: list[int] = [j for _, j in pairs]
        self.ascending: bool = same_bits and bool(pairs)

    def is_new(self, settings: IntArray) -> BoolArray:
        """Tell which settings, in this order, are not the same as in one that comes earlier: no equal ones turned."""
        new = np.ones(len(settings), dtype=np.bool_)
        for i, j in self.turned:
            new &= settings[:, i] != settings[:, j]
        if self.ascending:
            new &= (settings[:, self.lower] <= settings[:, self.upper]).all(axis=1)
        return new


def orders_of(groups: list[int], columns: list[int], n_parameters: int, top: int) -> list[Order]:
    """All orders of interchangeable neurons.

    Args:
        groups: of each neuron.
        columns: in which order the output neuron adds them up.
        n_parameters: of the output neuron.
        top: how many candidates are asked for.
    """
    every = [
        axes
        for axes in itertools.permutations(range(len(groups)))
        if all(groups[k] == groups[own] for k, own in enumerate(axes))
    ]
    swapped = [k for k, group in enumerate(groups) if groups.count(group) > 1]
    # Of two products that are added up first the order makes no difference to any bit.
    same_bits = top == 1 and len(swapped) == 2 and sorted(columns[:2]) == swapped
    return [Order(axes, groups, columns, n_parameters, same_bits=same_bits) for axes in every]


def in_all_orders(orders: Sequence[Order], settings: IntArray, weights: IntArray) -> tuple[IntArray, IntArray]:
    """List the candidates that some leaves stand for.

    Args:
        orders: all of them.
        settings: shape (n, n_axes), of the hidden neurons.
        weights: shape (n, n_parameters), the positions of the output neuron's parameters in their grids.

    Returns:
        Settings and weights of all candidates; those of the first order come first.
    """
    found = []
    for order in orders:
        turned = settings[:, order.axes]
        fits = order.is_new(turned)
        found.append((turned[fits], weights[fits][:, order.parameters]))
    return np.concatenate([one for one, _ in found]), np.concatenate([other for _, other in found])
