"""A plot of growth, as SVG: seconds and megabytes over instances, and over workloads."""

from collections.abc import Sequence
from typing import Any

WIDTH, HEIGHT = 340, 220
LEFT, TOP = 60, 40
SERIES = (("wall", "#1f77b4", "seconds"), ("megabytes", "#d62728", "MB, largest process"))


def plot(instances: Sequence[dict[str, Any]], workloads: Sequence[dict[str, Any]]) -> str:
    """Both panels side by side."""
    width, height = 2 * (WIDTH + 2 * LEFT), HEIGHT + 2 * TOP + 20
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
            'font-family="sans-serif" font-size="12">',
            f'<rect width="{width}" height="{height}" fill="white"/>',
            *_panel(0, "instances of one workload", instances),
            *_panel(WIDTH + 2 * LEFT, "workloads of 4 instances", workloads),
            "</svg>",
            "",
        ]
    )


def _panel(offset: int, title: str, points: Sequence[dict[str, Any]]) -> list[str]:
    middle = LEFT + WIDTH / 2
    largest = points[-1]["size"]
    lines = [
        f'<g transform="translate({offset} 0)">',
        f'<text x="{middle}" y="20" text-anchor="middle">synth by {title}</text>',
        f'<rect x="{LEFT}" y="{TOP}" width="{WIDTH}" height="{HEIGHT}" fill="none" stroke="#999"/>',
    ]
    for point in points:
        x = LEFT + WIDTH * point["size"] / largest
        lines.append(f'<text x="{x:.0f}" y="{TOP + HEIGHT + 18}" text-anchor="middle">')
        lines.append(f"{point['size']}</text>")
    for number, (key, colour, unit) in enumerate(SERIES):
        lines += _series(points, key, colour)
        lines.append(f'<text x="{LEFT + 8}" y="{TOP + 16 + 16 * number}" fill="{colour}">')
        lines.append(f"{unit}, up to {points[-1][key]:.3g}</text>")
    return [*lines, "</g>"]


def _series(points: Sequence[dict[str, Any]], key: str, colour: str) -> list[str]:
    # Each from zero to the top by its own scale: what shows is whether growth is straight.
    top = 1.4 * max(point[key] for point in points)
    places = [
        (
            LEFT + WIDTH * point["size"] / points[-1]["size"],
            TOP + HEIGHT * (1 - point[key] / top),
            point[key],
        )
        for point in points
    ]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y, _ in places)
    dots = [
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}">'
        f"<title>{value:.3g}</title></circle>"
        for x, y, value in places
    ]
    return [f'<polyline points="{path}" fill="none" stroke="{colour}"/>', *dots]
