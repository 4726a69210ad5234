"""The lower envelope of points that come one by one: no line under all of them lies higher."""

from collections import deque
from math import inf


class Envelope:
    """Of the newest points, as far back in y as asked for, and up to a quarter further.

    Points come with x rising. The lower hull is kept (the monotone chain of Andrew 1979, "Another
    efficient algorithm for convex hulls in two dimensions", Inf. Process. Lett.): a point costs
    the same however many there are.
    """

    def __init__(self, span: float) -> None:
        self._span = span
        self._points: deque[tuple[float, float]] = deque()
        self._sum_x = 0.0
        # x, y, and dx, dy of the edge that ends there; below any other where there is none.
        self._hull: list[tuple[float, float, float, float]] = []

    def __len__(self) -> int:
        """How many points count."""
        return len(self._points)

    def add(self, x: float, y: float) -> None:
        """The next point."""
        self._points.append((x, y))
        self._sum_x += x
        self._join(x, y)
        if self._points[0][1] < y - 1.25 * self._span:
            self._drop(y - self._span)

    def slope(self) -> float:
        """dy/dx of the edge at the mean of x. ValueError if there are not two points."""
        mean_x = self._sum_x / len(self._points) if self._points else inf
        for x, _, dx, dy in self._hull[1:]:
            if x >= mean_x:
                return dy / dx
        raise ValueError("one point has no slope")

    def floor(self, slope: float) -> float:
        """Where the highest line of that slope that no point is under is at x = 0."""
        return min([y - x * slope for x, y, _, _ in self._hull])

    def _join(self, x: float, y: float) -> None:
        hull = self._hull
        if not hull:
            hull.append((x, y, 0.0, -inf))
            return
        before_x, before_y, dx, dy = hull[-1]
        while dy * (x - before_x) >= (y - before_y) * dx:
            hull.pop()
            before_x, before_y, dx, dy = hull[-1]
        hull.append((x, y, x - before_x, y - before_y))

    def _drop(self, least_y: float) -> None:
        """The oldest points, up to that y."""
        points = self._points
        while points[0][1] < least_y:
            points.popleft()
        self._sum_x = sum([x for x, _ in points])
        self._hull.clear()
        for x, y in points:
            self._join(x, y)
