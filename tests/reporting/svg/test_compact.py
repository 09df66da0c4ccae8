"""What the figures of a large page repeat is written once."""

from lrbench.reporting.svg.compact import compacted

LETTER = '<path id="{}" d="M0 0h1" transform="scale(0.5)"/>'


def figure(inside: str) -> str:
    return f'<svg class="figure" role="img" aria-label="x" viewBox="0 0 1 1">{inside}</svg>'


def page(*figures: str) -> str:
    return f'<style>b{{}}</style><p style="color:red"><p style="color:red"><p style="color:red">{"".join(figures)}'


def test_a_letter_is_defined_in_the_first_figure_alone():
    first, second = (f'<defs>{LETTER.format(f"f{n}-1")}</defs><use href="#f{n}-1"/>' for n in (0, 1))
    other = LETTER.format("f1-2").replace("h1", "h2")
    assert compacted(page(figure(first), figure(second + other))) == page(
        figure(first), figure(f'<use href="#f0-1"/>{other}')
    )


def test_a_style_of_three_elements_of_figures_becomes_a_class():
    plain = '<path style="fill:none" d="M0 0"/><g class="rate-1" clip-path="url(#f0-0)" style="fill:none"></g>'
    once = '<path d="M1 1" style="fill:red"/>'
    assert compacted(page(figure(plain), figure(plain.replace("f0", "f1") + once))) == page(
        figure('<path class="s0" d="M0 0"/><g class="s0 rate-1" clip-path="url(#f0-0)"></g>'),
        figure(f'<path class="s0" d="M0 0"/><g class="s0 rate-1" clip-path="url(#f1-0)"></g>{once}'),
    ).replace("</style>", ".s0{fill:none}</style>")


def test_styles_that_differ_in_the_rate_alone_become_one_class():
    paths = "".join(f'<path style="stroke:var(--rate-{place})"/>' for place in (0, 1, 10))
    assert compacted(page(figure(paths))) == page(
        figure("".join(f'<path class="s0 own-{place}"/>' for place in (0, 1, 10)))
    ).replace(
        "</style>",
        ".s0{stroke:var(--own)}"
        + "".join(f".own-{place}{{--own:var(--rate-{place})}}" for place in (0, 1, 10))
        + "</style>",
    )
