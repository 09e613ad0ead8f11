"""What cannot be summed or measured: axes, shares, weights and bins that make no sense."""

from typing import cast

import theon
from theon import ArgumentError, DTypeError, Node, ShapeError

from .case import case


@case(ShapeError, ValueError)
def a_running_sum_along_no_axis() -> Node:
    """cumulative_sum: needs an axis: there are 2
      <!>
    input  m : float32[?, ?]   made at <m>
    hint: name it with axis=
    """
    m = theon.matrix("m")  # m
    return theon.cumulative_sum(m)  # !


@case(ShapeError, ValueError)
def a_running_sum_along_an_axis_that_is_not_there() -> Node:
    """cumsum: axis 1 is out of bounds for 1 dimension
      <!>
    input  x : float32[?]   made at <x>
    hint: use an int from -1 to 0
    """
    x = theon.vector("x")  # x
    return theon.cumsum(x, axis=1)  # !


@case(DTypeError, TypeError)
def a_running_maximum_of_complex_numbers() -> Node:
    """cummax: takes bool or int or uint or float, not complex64
      <!>
    input  z : complex64[3]   made at <z>
    hint: convert with .astype
    """
    z = theon.tensor("z", shape=(3,), dtype="complex64")  # z
    return theon.cummax(z)  # !


@case(ShapeError, ValueError)
def a_recurrence_of_two_shapes() -> Node:
    """linear_recurrence: factors float32[3] and terms float32[4] differ
      <!>
    left   a : float32[3]   made at <a>
    right  b : float32[4]   made at <b>
    hint: give both one shape
    """
    a = theon.tensor("a", shape=(3,))  # a
    b = theon.tensor("b", shape=(4,))  # b
    return theon.linear_recurrence(a, b)  # !


@case(ArgumentError, ValueError)
def the_largest_of_perhaps_nothing() -> Node:
    """max: with where=, all elements may be left out
      <!>
    input  x : float32[?]   made at <x>
    hint: give initial= as well
    """
    x = theon.vector("x")  # x
    return theon.max(x, where=x > 0)  # !


@case(ArgumentError, ValueError)
def a_share_of_more_than_all() -> Node:
    """quantile: a share is from 0 to 1, received 50
      <!>
    hint: theon.percentile takes shares of 100
    """
    x = theon.vector("x")  # x
    return theon.quantile(x, 50)  # !


@case(ArgumentError, ValueError)
def a_quantile_that_has_no_name() -> Node:
    """quantile: there is no method 'lineal'
      <!>
    input  x : float32[?]   made at <x>
    hint: use one of linear, hazen, weibull, median_unbiased, normal_unbiased, \
interpolated_inverted_cdf, lower, higher, nearest, midpoint, inverted_cdf, averaged_inverted_cdf, \
closest_observation
    """
    x = theon.vector("x")  # x
    return theon.quantile(x, 0.5, method="lineal")  # !


@case(ShapeError, ValueError)
def the_median_of_nothing() -> Node:
    """median: nothing to choose from: axis [0] has length 0
      <!>
    input  x : float32[0]   made at <x>
    hint: give it at least one element
    """
    x = theon.tensor("x", shape=(0,))  # x
    return theon.median(x)  # !


@case(ShapeError, ValueError)
def weights_that_do_not_fit() -> Node:
    """average: weights have neither the shape of the elements nor of the axes averaged
      <!>
    input  x : float32[2, 3]   made at <x>
    input  w : float32[2]   made at <w>
    hint: reshape them
    """
    x = theon.tensor("x", shape=(2, 3))  # x
    w = theon.tensor("w", shape=(2,))  # w
    return cast(Node, theon.average(x, axis=1, weights=w))  # !


@case(ShapeError, ValueError)
def covariances_of_a_cube() -> Node:
    """cov: takes vectors and matrices, received 3 axes
      <!>
    input  t : float32[?, ?, ?]   made at <t>
    hint: use theon.vectorize for more
    """
    t = theon.tensor3("t")  # t
    return theon.cov(t)  # !


@case(DTypeError, TypeError)
def counts_of_floats() -> Node:
    """bincount: takes int or uint, not float32
      <!>
    input  x : float32[?]   made at <x>
    hint: convert with .astype
    """
    x = theon.vector("x")  # x
    return theon.bincount(x, length=3)  # !


@case(ArgumentError, ValueError)
def a_histogram_without_bins() -> Node:
    """histogram: needs one bin or more, received 0
      <!>
    input  x : float32[?]   made at <x>
    hint: give how many, or their edges
    """
    x = theon.vector("x")  # x
    return theon.histogram(x, bins=0)[0]  # !


@case(ArgumentError, ValueError)
def a_histogram_with_falling_edges() -> Node:
    """histogram: the edges do not ascend
      <!>
    input  x : float32[?]   made at <x>
    hint: sort them
    """
    x = theon.vector("x")  # x
    return theon.histogram(x, bins=[0.0, 2.0, 1.0])[0]  # !


@case(ArgumentError, ValueError)
def a_histogram_over_a_falling_range() -> Node:
    """histogram: a range ascends, received (1.0, 0.0)
      <!>
    input  x : float32[?]   made at <x>
    hint: give (low, high)
    """
    x = theon.vector("x")  # x
    return theon.histogram(x, range=(1.0, 0.0))[0]  # !


@case(ArgumentError, ValueError)
def a_rule_for_the_number_of_bins() -> Node:
    """histogram: how many bins the rule 'auto' makes depends on the values
      <!>
    input  x : float32[?]   made at <x>
    hint: give how many, or their edges
    """
    x = theon.vector("x")  # x
    return theon.histogram(x, bins="auto")[0]  # !


@case(ShapeError, ValueError)
def a_histogram_without_edges() -> Node:
    """histogram: there are no edges
      <!>
    input  x : float32[?]   made at <x>
    input  edges : float32[0]   made at <edges>
    hint: give two for a bin, or how many bins
    """
    x = theon.vector("x")  # x
    edges = theon.tensor("edges", shape=(0,))  # edges
    return theon.histogram(x, edges)[0]  # !


@case(ArgumentError, ValueError)
def a_histogram_without_an_end() -> Node:
    """histogram: a range is finite, received (0.0, inf)
      <!>
    input  x : float32[?]   made at <x>
    hint: give (low, high)
    """
    x = theon.vector("x")  # x
    return theon.histogram(x, range=(0.0, float("inf")))[0]  # !


@case(ShapeError, ValueError)
def counts_by_too_few_weights() -> Node:
    """bincount: the weights do not have the shape of the elements
      <!>
    input  x : int32[3]   made at <x>
    input  w : float32[1]   made at <w>
    hint: give one for each element
    """
    x = theon.tensor("x", shape=(3,), dtype="int32")  # x
    w = theon.tensor("w", shape=(1,))  # w
    return theon.bincount(x, w, length=3)  # !


@case(ArgumentError, ValueError)
def boxes_that_are_no_number() -> Node:
    """histogramdd: bins is a sequence, received 2.5
      <!>
    input  x : float32[?]   made at <x>
    input  y : float32[?]   made at <y>
    hint: give a list or a tuple
    """
    x = theon.vector("x")  # x
    y = theon.vector("y")  # y
    return theon.histogramdd([x, y], bins=2.5)[0]  # !


@case(ShapeError, ValueError)
def points_with_fewer_heights() -> Node:
    """histogram2d: takes vectors of one length
      <!>
    input  x : float32[3]   made at <x>
    input  y : float32[1]   made at <y>
    hint: flatten with theon.ravel
    """
    x = theon.tensor("x", shape=(3,))  # x
    y = theon.tensor("y", shape=(1,))  # y
    return theon.histogram2d(x, y)[0]  # !


@case(ShapeError, ValueError)
def an_integral_over_too_few_positions() -> Node:
    """trapezoid: 2 positions for 3 values
      <!>
    input  y : float32[3]   made at <y>
    input  x : float32[2]   made at <x>
    hint: give one for each value
    """
    y = theon.tensor("y", shape=(3,))  # y
    x = theon.tensor("x", shape=(2,))  # x
    return theon.trapezoid(y, x)  # !


@case(ArgumentError, ValueError)
def differences_taken_less_than_never() -> Node:
    """diff: cannot subtract -1 times
      <!>
    input  x : float32[?]   made at <x>
    hint: theon.cumsum goes the other way
    """
    x = theon.vector("x")  # x
    return theon.diff(x, n=-1)  # !


@case(ShapeError, ValueError)
def an_integral_over_positions_of_another_rank() -> Node:
    """trapezoid: positions with 2 axes for values with 3
      <!>
    input  y : float32[?, ?, ?]   made at <y>
    input  x : float32[?, ?]   made at <x>
    hint: give one axis, or as many
    """
    y = theon.tensor3("y")  # y
    x = theon.matrix("x")  # x
    return theon.trapezoid(y, x)  # !


@case(ArgumentError, ValueError)
def weights_for_a_line_between_two() -> Node:
    """quantile: method 'linear' takes no weights
      <!>
    input  x : float32[?]   made at <x>
    input  w : float32[?]   made at <w>
    hint: use method="inverted_cdf"
    """
    x = theon.vector("x")  # x
    w = theon.vector("w")  # w
    return theon.quantile(x, 0.5, weights=w)  # !


@case(ArgumentError, ValueError)
def slopes_with_too_many_distances() -> Node:
    """gradient: 2 spacings for 1 axes
      <!>
    input  x : float32[?]   made at <x>
    hint: give none, one distance for all, or one spacing for each axis
    """
    x = theon.vector("x")  # x
    return cast(Node, theon.gradient(x, 1.0, 2.0))  # !


@case(ShapeError, ValueError)
def slopes_of_too_few_samples() -> Node:
    """gradient: axis 0 has 2 samples
      <!>
    input  x : float32[2]   made at <x>
    hint: give 3 or more
    """
    x = theon.tensor("x", shape=(2,))  # x
    return cast(Node, theon.gradient(x, edge_order=2))  # !


@case(ArgumentError, ValueError)
def an_integral_that_begins_elsewhere() -> Node:
    """cumulative_trapezoid: initial is None or 0, received 3.0
      <!>
    input  y : float32[?]   made at <y>
    hint: add it to the result
    """
    y = theon.vector("y")  # y
    return theon.cumulative_trapezoid(y, initial=3.0)  # !


@case(ArgumentError, ValueError)
def boxes_along_two_axes_of_three() -> Node:
    """histogramdd: 2 bins for 3 axes
      <!>
    input  x : float32[?]   made at <x>
    input  y : float32[?]   made at <y>
    input  z : float32[?]   made at <z>
    hint: give one for each axis
    """
    x = theon.vector("x")  # x
    y = theon.vector("y")  # y
    z = theon.vector("z")  # z
    return theon.histogramdd([x, y, z], bins=(2, 3))[0]  # !


@case(ShapeError, ValueError)
def points_of_unknown_dimension() -> Node:
    """histogramdd: takes points [n, d] of known d, received float32[?, ?]
      <!>
    input  points : float32[?, ?]   made at <points>
    hint: give a list of vectors, one for each axis
    """
    points = theon.matrix("points")  # points
    return theon.histogramdd(points)[0]  # !
